import Glibc

/// Asks whether memory is there, because a Swift array that gets none ends the process.
package enum MemoryProbe {
    /// Whether the system would give this many bytes now. The bytes are not touched and not kept.
    package static func allows(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        guard let block = malloc(bytes) else { return false }
        free(block)
        return true
    }

    /// - Throws: `FileError` that names the file for which there is not enough memory.
    package static func require(_ bytes: Int, for path: String) throws {
        guard allows(bytes) else {
            throw FileError(path: path, reason: "not enough memory: \((bytes + 1 << 20 - 1) >> 20) MB are needed at once to read it")
        }
    }
}
