import Glibc
import Files

/// Standard error, for messages: what cannot be written there is lost.
package enum StandardError {
    package static let isTerminal = isatty(STDERR_FILENO) == 1

    package static func write(_ text: String) { _ = writeAll(Array(text.utf8), to: STDERR_FILENO) }
}

/// Standard output, with errors: a full disk behind it must not pass for success.
package enum StandardOutput {
    /// Writes the text and a line end, unless the text is empty.
    package static func write(_ text: String) throws {
        if text.isEmpty { return }
        try write(Array((PathName.shown(inText: text) + "\n").utf8))
    }

    /// Writes the bytes of a file.
    package static func write(_ bytes: [UInt8]) throws {
        guard writeAll(bytes, to: STDOUT_FILENO) else {
            throw FileError(path: "standard output", reason: "cannot write: \(String(cString: strerror(errno)))")
        }
    }
}

/// Whether all could be written.
private func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
