import Files
import Glibc

/// The bytes of a regular file, mapped read-only, unmapped with the object.
///
/// The size is that of the opened descriptor, so a path that is replaced meanwhile does no harm. A file that another process
/// shortens while it is mapped cannot be guarded against: touching the lost pages ends this process (SIGBUS).
package final class MappedFile: @unchecked Sendable {
    package let path: String
    package let bytes: UnsafeRawBufferPointer

    /// - Throws: `ModelFileError` when the path is missing, not readable, empty, or not a regular file. A fifo is refused
    ///   without waiting for a writer.
    package init(path: String) throws {
        func failure(_ action: String) -> ModelFileError {
            ModelFileError(path: path, .file, "\(action): \(String(cString: strerror(errno)))")
        }
        let descriptor = PathName.withSystemPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw failure("cannot be opened") }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be examined") }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw ModelFileError(path: path, .file, "is a directory") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ModelFileError(path: path, .file, "is not a regular file") }
        guard status.st_size > 0 else { throw ModelFileError(path: path, .file, "is empty") }

        let size = Int(status.st_size)
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw failure("cannot be mapped")
        }
        self.path = path
        bytes = UnsafeRawBufferPointer(start: base, count: size)
    }

    private static let leastEvicted = 1 << 20

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    /// Lets the system take back the memory behind `range`; the next access reads it from the file again.
    ///
    /// A file that is read tensor by tensor then never stands in memory as a whole. A small range stays: it is not worth the call.
    package func evict(_ range: Range<Int>) {
        guard range.count >= Self.leastEvicted else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = range.lowerBound / page * page
        guard let base = bytes.baseAddress, range.upperBound > first else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + first), range.upperBound - first, MADV_DONTNEED)
    }
}
