import Glibc

/// What is in a folder, and what a path is, for names of any bytes (`PathName`).
package enum FolderEntries {
    /// All names in the folder but `.` and `..`, hidden ones too, sorted by their bytes.
    ///
    /// - Throws: `FileError` that names the folder when it cannot be read.
    package static func names(in path: String) throws -> [String] {
        guard let stream = PathName.withSystemPath(path, opendir) else { throw FileError(path: path, failedTo: "open") }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileError(path: path, failedTo: "read") }
                break
            }
            let length = Int(entry.pointee.d_reclen)
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix(length).prefix { $0 != 0 }) }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }.map { PathName.decode($0) }
    }

    /// Whether there is a folder at the path, itself or through a link.
    package static func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }

    /// Whether there is anything at the path; a link whose target is gone is nothing.
    package static func exists(_ path: String) -> Bool { kind(of: path) != nil }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return PathName.withSystemPath(path) { stat($0, &status) } == 0 ? status.st_mode & S_IFMT : nil
    }
}
