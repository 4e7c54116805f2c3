import Files
import Glibc
import Imaging

/// The image files under a folder.
package enum ImageFolder {
    /// Paths of all files whose endings are those of an `ImageFormat`, in the folder and in those below it, upper and lower case alike.
    ///
    /// Sorted by the bytes of their path under the folder, so the order depends neither on the file system nor on the language
    /// of the machine. Hidden files and folders are left out. Links are followed; a folder that lies inside of itself is
    /// entered once.
    ///
    /// - Throws: `FileError` that names the folder that cannot be read, or `folder` when there is no image.
    package static func paths(in folder: String) throws -> [String] {
        var root = Substring(folder)
        while root.count > 1, root.last == "/" { root.removeLast() }
        var found: [String] = []
        try collect(String(root), inside: [], into: &found)
        guard !found.isEmpty else {
            throw FileError(path: folder, reason: "has no PNG, JPEG, TIFF, WebP or .npy file, nor has any folder in it")
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// - Parameter ancestors: real paths of the folders that lead here.
    private static func collect(_ folder: String, inside ancestors: Set<String>, into found: inout [String]) throws {
        let real = realPath(folder) ?? folder
        if ancestors.contains(real) { return }
        let names: [String]
        do {
            names = try FolderEntries.names(in: folder)
        } catch {
            throw FileError(path: folder, reason: reason(folder))
        }
        for name in names where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
            if FolderEntries.isFolder(path) {
                try collect(path, inside: ancestors.union([real]), into: &found)
            } else if let dot = name.lastIndex(of: "."), ImageFormat(ending: String(name[name.index(after: dot)...])) != nil {
                found.append(path)
            }
        }
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = PathName.withSystemPath(path, { realpath($0, nil) }) else { return nil }
        defer { free(real) }
        return PathName.decode(cString: real)
    }

    private static func reason(_ folder: String) -> String {
        if !FolderEntries.exists(folder) { return "there is no such folder" }
        return FolderEntries.isFolder(folder) ? "the folder cannot be read" : "is a file, not a folder"
    }
}
