import CZlib

/// Raw deflate streams (RFC 1951), by zlib.
enum Inflation {
    /// The bytes of a stream.
    ///
    /// - Parameter size: how many there must be. The caller has bounded it.
    /// - Throws: `Fault` for a damaged stream and for one of another size.
    static func inflate(_ packed: UnsafeRawBufferPointer, size: Int) throws -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Fault("cannot be inflated: no memory")
        }
        defer { inflateEnd(&stream) }
        // One byte more, so that a stream that is too long shows.
        var result = [UInt8](repeating: 0, count: size + 1)
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
        guard state == Z_STREAM_END, made == size else { throw Fault("cannot be inflated: damaged, or not \(size) bytes long") }
        result.removeLast()
        return result
    }
}
