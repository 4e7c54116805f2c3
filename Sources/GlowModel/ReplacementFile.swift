import Glibc

/// A new file that takes the place of `path` when it is complete, and leaves no trace when it is not.
///
/// It grows beside its place under a temporary name; `commit` makes it durable and renames it. Without `commit` the temporary
/// file is removed with the object.
final class ReplacementFile {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    /// - Throws: `ModelFileError` when no file can be made in the folder of `path`.
    init(replacing path: String) throws {
        let temporaryPath = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).partial"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure(path) }
        (self.path, self.temporaryPath, self.descriptor) = (path, temporaryPath, descriptor)
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(temporaryPath) }
    }

    /// - Throws: `ModelFileError` when the bytes cannot be written, for example on a full disk.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { throw Self.failure(path) }
            rest = rest.dropFirst(written)
        }
    }

    /// - Throws: `ModelFileError` when the file cannot be completed or moved to its place.
    func commit() throws {
        guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else { throw Self.failure(path) }
        isCommitted = true
    }

    private static func failure(_ path: String) -> ModelFileError {
        ModelFileError(path: path, .file, "cannot be written: \(String(cString: strerror(errno)))")
    }
}
