import Glibc

/// Output files that appear whole or not at all.
///
/// The bytes go to a hidden temporary file `.reglow-*` in the same folder, which is then renamed. A failed write removes the
/// temporary file and leaves an output of that name as it was. A symbolic link is followed: the file behind it is replaced. A
/// device or a pipe is written directly. Without `Durability` nothing is synchronized to disk: that guards against errors, not against power
/// cuts.
package enum AtomicFile {
    /// Asks for a file that survives a power cut once the call has returned: its bytes are synchronized before it is renamed, and then the
    /// folder of its name.
    package struct Durability: Sendable {
        /// Where the temporary file is made, on the same file system as the file; nil is the folder of the file.
        package let temporaryFolder: String?

        package init(temporaryFolder: String? = nil) { self.temporaryFolder = temporaryFolder }
    }

    /// - Throws: `FileError` when the folder is missing or not writable, `path` is a folder, or the disk is full.
    package static func write(_ bytes: [UInt8], to path: String, _ durability: Durability? = nil) throws {
        try replace(path, durability) { file in
            try bytes.withUnsafeBytes { try file.append($0) }
        }
    }

    /// Writes `text` in UTF-8; names in it that are not UTF-8 as `PathName.shown` has them.
    package static func write(_ text: String, to path: String) throws {
        try write(Array(PathName.shown(inText: text).utf8), to: path)
    }

    /// Throws what `write` would throw for `path` now, so that long work can fail before it starts. The file is not touched.
    package static func requireWritable(_ path: String) throws {
        let target = try resolve(path)
        guard target.isReplaceable else { return }
        let temporary = try openTemporary(in: prefix(of: target.path), for: path)
        close(temporary.file)
        remove(temporary.path)
    }

    /// Replaces the file at `path` by what `fill` appends to the new one. When `fill` throws, nothing has changed.
    // Not inlined: the optimizer of Swift 6.3.1 fails on the file that cannot be copied.
    @inline(never) package static func replace(
        _ path: String, _ durability: Durability? = nil, fill: (_ file: borrowing NewFile) throws -> Void
    ) throws {
        let target = try resolve(path)
        guard target.isReplaceable else {
            let file = opened(target.path, O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { throw FileError(path: path, failedTo: "write") }
            defer { close(file) }
            return try fill(NewFile(path: path, descriptor: file))
        }
        let temporary = try openTemporary(in: durability?.temporaryFolder.map { $0 + "/" } ?? prefix(of: target.path), for: path)
        var isReplaced = false
        defer { if !isReplaced { remove(temporary.path) } }
        let filled = Result {
            try fill(NewFile(path: path, descriptor: temporary.file))
            if durability != nil, fsync(temporary.file) != 0 { throw FileError(path: path, failedTo: "write") }
        }
        // Some file systems report a full disk only on closing.
        let closed = close(temporary.file)
        try filled.get()
        guard closed == 0, renamed(temporary.path, to: target.path) else { throw FileError(path: path, failedTo: "write") }
        isReplaced = true
        if durability != nil { try synchronize(folder: prefix(of: target.path), for: path) }
    }

    /// Synchronizes the names in a folder, so that what was renamed into it stays there.
    private static func synchronize(folder: String, for path: String) throws {
        let descriptor = opened(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, failedTo: "write") }
        defer { close(descriptor) }
        // Some file systems have folders that cannot be synchronized, and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw FileError(path: path, failedTo: "write") }
    }

    /// Returns where the bytes for `path` go, and whether by renaming (a file or a new name) or directly (a device or a pipe).
    private static func resolve(_ path: String) throws -> (path: String, isReplaceable: Bool) {
        guard !path.isEmpty else { throw FileError(path: "\"\"", reason: "is not the name of a file") }
        guard !path.hasSuffix("/") else { throw FileError(path: path, reason: "names a folder, not a file") }
        var status = stat()
        guard PathName.withSystemPath(path, { stat($0, &status) }) == 0 else { return (path, true) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: throw FileError(path: path, reason: "is a folder, not a file")
        case S_IFREG:
            guard let real = PathName.withSystemPath(path, { realpath($0, nil) }) else { throw FileError(path: path, failedTo: "write") }
            defer { free(real) }
            return (PathName.decode(cString: real), true)
        default: return (path, false)
        }
    }

    /// The folder of a path with its slash; empty for a name alone.
    private static func prefix(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
    }

    /// A new file in a folder, which is given with its slash, with the permissions that the user's mask gives; `path` is for the error.
    private static func openTemporary(in folder: String, for path: String) throws -> (file: Int32, path: String) {
        while true {
            let name = folder + ".reglow-" + String(UInt64.random(in: 0 ... .max), radix: 36)
            let file = opened(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
            if file >= 0 { return (file, name) }
            if errno != EEXIST { throw FileError(path: path, failedTo: "write") }
        }
    }

    private static func opened(_ path: String, _ flags: Int32) -> Int32 {
        PathName.withSystemPath(path) { open($0, flags, 0o666) }
    }

    private static func remove(_ path: String) {
        _ = PathName.withSystemPath(path) { unlink($0) }
    }

    private static func renamed(_ path: String, to target: String) -> Bool {
        PathName.withSystemPath(path) { from in PathName.withSystemPath(target) { rename(from, $0) == 0 } }
    }
}

/// A file that is being written, see `AtomicFile.replace`.
package struct NewFile: ~Copyable {
    /// The name that it will have, for errors.
    fileprivate let path: String
    fileprivate let descriptor: Int32

    /// Appends a text in UTF-8.
    ///
    /// - Throws: `FileError` as for bytes.
    package func append(_ text: String) throws {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBytes { try append($0) }
    }

    /// - Throws: `FileError` when the bytes cannot be written, for example on a full disk.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path, failedTo: "write")
            }
            rest = rest.dropFirst(count)
        }
    }
}
