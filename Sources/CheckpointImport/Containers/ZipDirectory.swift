/// The entries of a zip archive, from its central directory.
///
/// Sizes come from the central directory, because writers that stream leave those of the local headers 0; where the data begins only the local
/// header knows, because writers pad its extra field. ZIP64 records are read wherever they stand. Checksums are not looked at: some writers leave
/// them out.
/// Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
struct ZipDirectory {
    struct Entry {
        let name: String
        /// Where its bytes lie in the file.
        let bytes: Range<Int>
        /// Bytes after inflating.
        let size: Int
        let isDeflated: Bool
    }

    let entries: [String: Entry]

    static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    private static let localSignature: UInt32 = 0x0403_4B50
    private static let centralSignature: UInt32 = 0x0201_4B50
    private static let endSignature: UInt32 = 0x0605_4B50
    private static let end64Signature: UInt32 = 0x0606_4B50
    private static let locator64Signature: UInt32 = 0x0706_4B50
    private static let endLength = 22
    private static let longestComment = 65535

    /// - Throws: `Fault`; when this returns, every entry lies inside of the file.
    init(_ file: UnsafeRawBufferPointer) throws {
        let end = try Self.findEnd(file)
        var cursor = try ByteCursor(file, in: end + 4 ..< file.count)
        let disks = [try cursor.number(UInt16.self), try cursor.number(UInt16.self)]
        _ = try cursor.number(UInt16.self)
        var count = try cursor.count(UInt16.self)
        var length = try cursor.count(UInt32.self)
        var start = try cursor.count(UInt32.self)
        guard disks.allSatisfy({ $0 == 0 || $0 == .max }) else { throw Fault("is one part of a zip archive of several files") }
        if let wide = try Self.findEnd64(file, before: end) { (count, length, start) = wide }

        guard start <= file.count, length <= file.count - start else { throw Fault("has a zip directory outside of the file: truncated?") }
        // An entry of the directory takes 46 bytes.
        guard count <= length / 46 else { throw Fault("has a zip directory that is too short for its \(count) entries") }
        var directory = try ByteCursor(file, in: start ..< start + length)
        var found: [String: Entry] = [:]
        found.reserveCapacity(count)
        for _ in 0 ..< count {
            let entry = try Self.entry(&directory, file)
            guard found.updateValue(entry, forKey: entry.name) == nil else {
                throw Fault("has two entries \(Fault.quoted(entry.name))")
            }
        }
        try Self.requireApart(found)
        entries = found
    }

    /// Each entry has bytes of its own, so that what is made of an entry is bounded by the file.
    private static func requireApart(_ entries: [String: Entry]) throws {
        var end = 0
        for entry in entries.values.map(\.bytes).sorted(by: { $0.lowerBound < $1.lowerBound }) where !entry.isEmpty {
            guard entry.lowerBound >= end else { throw Fault("is a zip archive whose entries overlap") }
            end = entry.upperBound
        }
    }

    private static func findEnd(_ file: UnsafeRawBufferPointer) throws -> Int {
        var place = file.count - endLength
        let last = max(0, place - longestComment)
        while place >= last {
            if UInt32(littleEndian: file.loadUnaligned(fromByteOffset: place, as: UInt32.self)) == endSignature { return place }
            place -= 1
        }
        throw Fault("is a zip archive without an end: truncated?")
    }

    private static func findEnd64(_ file: UnsafeRawBufferPointer, before end: Int) throws -> (count: Int, length: Int, start: Int)? {
        guard end >= 20 else { return nil }
        var locator = try ByteCursor(file, in: end - 20 ..< end)
        guard try locator.number(UInt32.self) == locator64Signature else { return nil }
        _ = try locator.number(UInt32.self)
        let place = try locator.count(UInt64.self)
        guard place <= end else { throw Fault("has a ZIP64 record outside of the file") }
        var record = try ByteCursor(file, in: place ..< end)
        guard try record.number(UInt32.self) == end64Signature else { throw Fault("has no ZIP64 record where it says so") }
        _ = try record.range(8 + 2 + 2 + 4 + 4 + 8)
        return (try record.count(UInt64.self), try record.count(UInt64.self), try record.count(UInt64.self))
    }

    private static func entry(_ directory: inout ByteCursor, _ file: UnsafeRawBufferPointer) throws -> Entry {
        guard try directory.number(UInt32.self) == centralSignature else { throw Fault("has a damaged zip directory") }
        _ = try directory.range(4)
        let flags = try directory.number(UInt16.self)
        let method = try directory.number(UInt16.self)
        _ = try directory.range(8)
        var packed = try directory.count(UInt32.self)
        var size = try directory.count(UInt32.self)
        let lengths = (
            name: try directory.count(UInt16.self), extra: try directory.count(UInt16.self), comment: try directory.count(UInt16.self)
        )
        _ = try directory.range(8)
        var offset = try directory.count(UInt32.self)
        let name = try directory.text(lengths.name)
        func fault(_ text: String) -> Fault { Fault("entry \(Fault.quoted(name)): \(text)") }

        let extra = try directory.range(lengths.extra)
        _ = try directory.range(lengths.comment)
        let narrow = Int(UInt32.max)
        if packed == narrow || size == narrow || offset == narrow {
            guard var wide = try wideSizes(ByteCursor(file, in: extra)) else { throw fault("has no ZIP64 sizes") }
            if size == narrow { size = try wide.count(UInt64.self) }
            if packed == narrow { packed = try wide.count(UInt64.self) }
            if offset == narrow { offset = try wide.count(UInt64.self) }
        }
        guard flags & 1 == 0 else { throw fault("is encrypted") }
        guard method == 0 || method == 8 else { throw fault("is packed by method \(method), which is neither stored nor deflated") }
        guard method == 8 || packed == size else { throw fault("is stored, but says two sizes") }

        guard offset <= file.count else { throw fault("lies outside of the file: truncated?") }
        do {
            var local = try ByteCursor(file, in: offset ..< file.count)
            guard try local.number(UInt32.self) == localSignature else { throw Fault("has no header where it should be") }
            _ = try local.range(22)
            _ = try local.range(local.count(UInt16.self) + local.count(UInt16.self))
            return Entry(name: name, bytes: try local.range(packed), size: size, isDeflated: method == 8)
        } catch let error as Fault {
            throw fault(error.reason)
        }
    }

    /// The numbers of the ZIP64 extra field, which has those only that did not fit the entry.
    private static func wideSizes(_ extra: ByteCursor) throws -> ByteCursor? {
        var extra = extra
        while extra.remaining >= 4 {
            let tag = try extra.number(UInt16.self)
            let range = try extra.range(extra.count(UInt16.self))
            if tag == 1 { return try ByteCursor(extra.bytes, in: range) }
        }
        return nil
    }
}
