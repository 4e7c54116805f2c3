import Glibc

/// Why a file cannot be read or written: one line that names the file.
public struct FileError: Error, Hashable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The reason is the one that the system gave last, in `errno`.
    init(path: String, failedTo action: String) {
        self.init(path: path, reason: "cannot \(action): \(String(cString: strerror(errno)))")
    }

    public var description: String { "\(path): \(reason)" }
}

/// Whole files as bytes.
public enum FileBytes {
    /// The most that is read: an image of 2^28 pixels in float32 and RGB fits.
    static let limit = 1 << 32

    /// All bytes of a file or of a named pipe.
    ///
    /// - Throws: `FileError` when the file is missing, unreadable, a folder or a device, or larger than 4 GiB.
    public static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileError(path: path, failedTo: "open") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw FileError(path: path, failedTo: "read") }
        switch status.st_mode & S_IFMT {
        case S_IFREG, S_IFIFO: break
        case S_IFDIR: throw FileError(path: path, reason: "is a folder, not a file")
        default: throw FileError(path: path, reason: "is a device, not a file")
        }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(max(0, Int(status.st_size)), limit))
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path, failedTo: "read")
            }
            guard bytes.count + count <= limit else { throw FileError(path: path, reason: "is larger than 4 GiB") }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
