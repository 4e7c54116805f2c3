import CZlib
import Files

/// A zip archive of stored entries, whose data begin at multiples of 64 bytes, as `torch.save` writes them.
struct ZipWriter: ~Copyable {
    private struct Entry {
        let name: [UInt8]
        let checksum: UInt32
        let size: Int
        let offset: Int
    }

    private var entries: [Entry] = []
    private var position = 0

    static let alignment = 64
    /// Without ZIP64 records an archive has less.
    static let largest = (1 << 32) - 1

    /// Appends an entry.
    ///
    /// - Throws: `FileError` when the file cannot be written, `Fault` for one that gets too large.
    mutating func add(_ name: String, _ bytes: UnsafeRawBufferPointer, to file: borrowing NewFile) throws {
        guard position + bytes.count + (1 << 16) < Self.largest else { throw Fault("would be larger than 4 GiB") }
        let name = Array(name.utf8)
        let checksum = Self.checksum(bytes)
        let header = 30 + name.count + 4
        let padding = (Self.alignment - (position + header) % Self.alignment) % Self.alignment
        entries.append(Entry(name: name, checksum: checksum, size: bytes.count, offset: position))
        var local = Self.little(0x0403_4B50, 4) + Self.shared(checksum, bytes.count)
        local += Self.little(name.count, 2) + Self.little(4 + padding, 2) + name
        // An extra field that readers skip: FB, the padding of PyTorch.
        local += [0x46, 0x42] + Self.little(padding, 2) + [UInt8](repeating: 0x5A, count: padding)
        try local.withUnsafeBytes { try file.append($0) }
        try file.append(bytes)
        position += local.count + bytes.count
    }

    /// Appends the directory.
    mutating func finish(_ file: borrowing NewFile) throws {
        var directory: [UInt8] = []
        for entry in entries {
            directory += Self.little(0x0201_4B50, 4) + [0, 0] + Self.shared(entry.checksum, entry.size)
            directory += Self.little(entry.name.count, 2) + [UInt8](repeating: 0, count: 12) + Self.little(entry.offset, 4) + entry.name
        }
        let count = Self.little(entries.count, 2)
        let end =
            Self.little(0x0605_4B50, 4) + [0, 0, 0, 0] + count + count + Self.little(directory.count, 4) + Self.little(position, 4) + [
                0, 0,
            ]
        try (directory + end).withUnsafeBytes { try file.append($0) }
    }

    /// What both headers of an entry have after their signature: version, flags, method, time, date, checksum, sizes.
    private static func shared(_ checksum: UInt32, _ size: Int) -> [UInt8] {
        [10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0] + little(Int(checksum), 4) + little(size, 4) + little(size, 4)
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    private static func little(_ number: Int, _ count: Int) -> [UInt8] {
        (0 ..< count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
