import CZlib

/// Raw deflate streams (RFC 1951), by zlib.
enum Inflation {
    /// The bytes of a stream.
    ///
    /// - Parameter size: how many there must be. The caller has bounded it.
    /// - Throws: `Fault` for a damaged stream and for one of another size.
    static func inflate(_ packed: UnsafeRawBufferPointer, size: Int) throws -> [UInt8] {
        // One byte more, so that a stream that is too long shows.
        let (bytes, state) = try run(packed, room: size + 1)
        guard state == Z_STREAM_END, bytes.count == size else { throw Fault("cannot be inflated: damaged, or not \(size) bytes long") }
        return bytes
    }

    /// The first bytes of a stream, at most `count`; fewer where it ends or is damaged.
    ///
    /// - Throws: `Fault` where there is no memory.
    static func beginning(_ packed: UnsafeRawBufferPointer, count: Int) throws -> [UInt8] { try run(packed, room: count).bytes }

    private static func run(_ packed: UnsafeRawBufferPointer, room: Int) throws -> (bytes: [UInt8], state: Int32) {
        var stream = z_stream()
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Fault("cannot be inflated: no memory")
        }
        defer { inflateEnd(&stream) }
        var result = [UInt8](repeating: 0, count: room)
        var taken = 0
        var made = 0
        let state: Int32 = result.withUnsafeMutableBytes { out in
            var state = Z_OK
            while state == Z_OK, made < out.count {
                let input = min(packed.count - taken, 1 << 30)
                let room = min(out.count - made, 1 << 30)
                stream.next_in = UnsafeMutablePointer(
                    mutating: packed.baseAddress?.advanced(by: taken).assumingMemoryBound(to: UInt8.self))
                stream.avail_in = UInt32(input)
                stream.next_out = out.baseAddress?.advanced(by: made).assumingMemoryBound(to: UInt8.self)
                stream.avail_out = UInt32(room)
                state = CZlib.inflate(&stream, Z_NO_FLUSH)
                let used = input - Int(stream.avail_in)
                let gained = room - Int(stream.avail_out)
                taken += used
                made += gained
                if used == 0, gained == 0 { break }
            }
            return state
        }
        result.removeLast(room - made)
        return (result, state)
    }
}
