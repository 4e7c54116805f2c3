import Glibc

/// Why a file cannot be read or written: one line that names the file.
public struct FileError: ReglowError, Hashable {
    /// The file or folder at fault.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    /// Makes the error of a file and what is wrong with it.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The reason is the one that the system gave last, in `errno`.
    public init(path: String, failedTo action: String) {
        self.init(path: path, reason: "cannot \(action): \(String(cString: strerror(errno)))")
    }

    public var category: ReglowErrorCategory { .file(path: path) }

    /// The path as `PathName.shown` writes it, and the reason.
    public var description: String { "\(PathName.shown(path)): \(reason)" }
}

/// Whole files as bytes.
package enum FileBytes {
    /// The most that is read: an image of 2^28 pixels in float32 and RGB fits.
    static let limit = 1 << 32

    /// How many of the first bytes `read` shows to `accept`.
    static let headCount = 4096

    /// Bytes that are read at once, at most.
    private static let chunkCount = 1 << 20

    /// All bytes of a file or of a named pipe.
    ///
    /// - Parameter accept: is shown the first bytes, at most 4096, before the rest is read; what it throws ends the reading.
    /// - Throws: `FileError` when the file is missing, unreadable, a folder or a device, larger than 4 GiB or than the memory there is.
    package static func read(_ path: String, accept: (_ head: [UInt8]) throws -> Void = { _ in }) throws -> [UInt8] {
        let file = PathName.withSystemPath(path) { open($0, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { throw FileError(path: path, failedTo: "open") }
        defer { close(file) }
        return try read(descriptor: file, path: path, accept: accept)
    }

    /// All bytes of standard input.
    ///
    /// - Throws: `FileError` for a terminal, and as `read` does.
    package static func readStandardInput(accept: (_ head: [UInt8]) throws -> Void = { _ in }) throws -> [UInt8] {
        guard isatty(STDIN_FILENO) == 0 else {
            throw FileError(path: standardInput, reason: "is a terminal: pipe a file into the command")
        }
        return try read(descriptor: STDIN_FILENO, path: standardInput, accept: accept)
    }

    /// What errors call it.
    package static let standardInput = "standard input"

    private static func read(descriptor file: Int32, path: String, accept: (_ head: [UInt8]) throws -> Void) throws -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw FileError(path: path, failedTo: "read") }
        switch status.st_mode & S_IFMT {
        case S_IFREG, S_IFIFO, S_IFSOCK: break
        case S_IFDIR: throw FileError(path: path, reason: "is a folder, not a file")
        case S_IFCHR where path == standardInput: break
        default: throw FileError(path: path, reason: "is a device, not a file")
        }

        var bytes: [UInt8] = []
        // A small file needs no large one, which would have to be cleared.
        let size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : Self.chunkCount
        var chunk = [UInt8](repeating: 0, count: min(max(size, Self.headCount), Self.chunkCount))
        var isAccepted = false
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path: path, failedTo: "read")
            }
            guard bytes.count + count <= limit else { throw FileError(path: path, reason: "is larger than 4 GiB") }
            if bytes.capacity < bytes.count + count {
                // A file that is read to its end in one go needs no second copy of what has been read.
                let known = min(max(0, Int(status.st_size)), limit)
                let wanted = isAccepted ? max(bytes.count + count, known, 2 * bytes.capacity) : headCount + chunk.count
                try MemoryProbe.require(wanted, for: path)
                bytes.reserveCapacity(wanted)
            }
            bytes.append(contentsOf: chunk[..<count])
            if !isAccepted, count == 0 || bytes.count >= headCount {
                try accept(Array(bytes.prefix(headCount)))
                isAccepted = true
            }
            if count == 0 { return bytes }
        }
    }
}
