/// Reads little-endian numbers from bytes, in order; every read is checked against the end.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    let end: Int

    /// - Throws: `Fault` where the range is not inside the bytes.
    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) throws {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { throw Fault("is truncated") }
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end - position }

    mutating func number<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self) throws -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw Fault("is truncated") }
        defer { position += size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
    }

    /// A number that is a count or an offset.
    mutating func count<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) throws -> Int {
        guard let count = Int(exactly: try number(Value.self)), count >= 0 else { throw Fault("has a count out of range") }
        return count
    }

    /// The next `count` bytes, by their places in the file.
    mutating func range(_ count: Int) throws -> Range<Int> {
        guard count >= 0, count <= remaining else { throw Fault("is truncated") }
        defer { position += count }
        return position ..< position + count
    }

    mutating func text(_ count: Int) throws -> String {
        let range = try range(count)
        guard let text = String(validating: bytes[range], as: UTF8.self) else { throw Fault("has text that is not UTF-8") }
        return text
    }

    /// Text up to a line feed, which is read too.
    mutating func line(atMost limit: Int = 256) throws -> String {
        guard let feed = bytes[position ..< min(end, position + limit)].firstIndex(of: UInt8(ascii: "\n")) else {
            throw Fault("has a name without an end")
        }
        defer { position = feed + 1 }
        return try text(feed - position)
    }
}
