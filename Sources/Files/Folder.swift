import Glibc

/// Folders of input and output files.
package enum Folder {
    package static func exists(_ path: String) -> Bool { FolderEntries.isFolder(path) }

    /// The paths of all that is in the folder, sorted by the bytes of their names, hidden files left out.
    ///
    /// - Throws: `FileError` when the folder cannot be read.
    package static func files(in path: String) throws -> [String] {
        try FolderEntries.names(in: path).filter { $0.utf8.first != UInt8(ascii: ".") }.map { joined(path, $0) }
    }

    /// Makes the folder, and those above it that are missing.
    ///
    /// - Throws: `FileError` when it cannot be made, or a file is in the way.
    package static func create(_ path: String) throws {
        if exists(path) { return }
        let parent = folder(of: path)
        if parent != path, !exists(parent) { try create(parent) }
        guard PathName.withSystemPath(path, { mkdir($0, 0o777) }) == 0 || exists(path) else {
            throw FileError(
                path: path, reason: errno == EEXIST ? "is a file, not a folder" : "cannot create the folder: \(systemReason())")
        }
    }

    package static func joined(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    private static func systemReason() -> String { String(cString: strerror(errno)) }
}
