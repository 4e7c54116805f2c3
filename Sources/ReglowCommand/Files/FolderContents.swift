import Glibc
import Reglow

/// What a folder holds: the images that are taken from it, and all else, each with the reason why not.
struct FolderContents {
    struct Image {
        let path: String
        /// The folders between the folder and the image: empty for one that lies directly in it.
        let relativeFolder: String
    }

    /// An entry that is not taken.
    struct Skipped: Encodable, Hashable {
        let path: String
        let reason: String
    }

    let folder: String
    /// The images that are taken, those of a folder together, sorted by name.
    private(set) var images: [Image] = []
    private(set) var skipped: [Skipped] = []

    private let isRecursive: Bool
    private let output: FileIdentity?
    private var visited: Set<FileIdentity> = []

    /// Names that are told of what is not taken.
    private static let mostNames = 4

    /// - Parameters:
    ///   - isRecursive: whether the images of the folders in it are taken too. Links are followed; no folder is entered twice.
    ///   - output: a folder that is not entered, where it lies inside.
    /// - Throws: `FileError` when the folder cannot be read.
    init(of folder: String, isRecursive: Bool = false, except output: String? = nil) throws {
        self.folder = folder
        self.isRecursive = isRecursive
        let top = FileIdentity(folder)
        self.output = output.flatMap(FileIdentity.init).flatMap { $0 == top ? nil : $0 }
        if let top { visited.insert(top) }
        collect(try FolderEntries.names(in: folder), of: folder, relativeFolder: "")
    }

    /// One line that names the first of what is not taken, nil where all is.
    var summary: String? {
        guard !skipped.isEmpty else { return nil }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let named = skipped.prefix(Self.mostNames).map { entry in
            PathName.shown(entry.path.hasPrefix(prefix) ? String(entry.path.dropFirst(prefix.count)) : entry.path) + " (\(entry.reason))"
        }
        let rest = skipped.count - named.count
        return "not taken: " + named.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private mutating func collect(_ names: [String], of folder: String, relativeFolder: String) {
        for name in names {
            let path = Folder.joined(folder, name)
            var status = stat()
            if name.utf8.first == UInt8(ascii: ".") {
                skip(path, "hidden")
            } else if PathName.withSystemPath(path, { stat($0, &status) }) != 0 {
                let reason = String(cString: strerror(errno))
                skip(path, Self.isLink(path) ? "a link that leads nowhere" : reason)
            } else if status.st_mode & S_IFMT == S_IFDIR {
                enter(path, relativeFolder.isEmpty ? name : relativeFolder + "/" + name)
            } else if ImageFormat(ending: fileExtension(of: name)) == nil {
                skip(path, "no ending of an image")
            } else if status.st_mode & S_IFMT != S_IFREG {
                skip(path, "not a regular file")
            } else {
                images.append(Image(path: path, relativeFolder: relativeFolder))
            }
        }
    }

    private mutating func enter(_ path: String, _ relativeFolder: String) {
        let identity = FileIdentity(path)
        if let identity, identity == output { return skip(path, "the folder of the output") }
        guard isRecursive else { return skip(path, "a folder, see --recursive") }
        guard let identity, visited.insert(identity).inserted else { return skip(path, "a folder that was entered already") }
        do {
            collect(try FolderEntries.names(in: path), of: path, relativeFolder: relativeFolder)
        } catch {
            skip(path, "a folder that cannot be read: \((error as? FileError)?.reason ?? "")")
        }
    }

    private mutating func skip(_ path: String, _ reason: String) {
        skipped.append(Skipped(path: path, reason: reason))
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return PathName.withSystemPath(path, { lstat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}

/// Which file it is, whatever its name.
struct FileIdentity: Hashable {
    let device: UInt
    let number: UInt

    /// Returns nil where nothing is.
    init?(_ path: String) {
        var status = stat()
        guard PathName.withSystemPath(path, { stat($0, &status) }) == 0 else { return nil }
        (device, number) = (UInt(status.st_dev), UInt(status.st_ino))
    }
}
