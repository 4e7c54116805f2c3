import Glibc

/// Asks whether memory is there, because a Swift array that gets none ends the process.
package enum MemoryProbe {
    /// Whether the system would give this many bytes now. The bytes are not touched and not kept. (A pair of `malloc` and `free` the optimizer
    /// would take out.)
    package static func allows(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        let block = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let block, block != MAP_FAILED else { return false }
        munmap(block, bytes)
        return true
    }

    /// - Throws: `FileError` that names the file for which there is not enough memory.
    package static func require(_ bytes: Int, for path: String) throws {
        guard allows(bytes) else {
            throw FileError(path: path, reason: "not enough memory: \((bytes + 1 << 20 - 1) >> 20) MB are needed at once to read it")
        }
    }
}
