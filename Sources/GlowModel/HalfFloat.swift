/// IEEE half precision: a sign, 5 bits of exponent and 10 of the fraction.
package enum HalfFloat {
    /// Widens halves, little-endian at any address, to single precision, which holds each of them exactly; NaN keeps its payload.
    ///
    /// In integers, so that it runs by vectors on processors without an instruction for it as well; no operand is subnormal, which a thread of the
    /// caller's may take for 0.
    ///
    /// - Parameter values: as many as there are halves.
    package static func widen(_ halves: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>) {
        guard let source = halves.baseAddress, let target = values.baseAddress else { return }
        for index in 0 ..< values.count {
            let bits = UInt32(UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
            // The exponent counts from 127 in place of 15; that of infinity and NaN has all bits set.
            let normal = (bits & 0x7fff) << 13 &+ 0x3800_0000 | (bits & 0x7c00 == 0x7c00 ? 0x7f80_0000 : 0)
            let subnormal = (Float(bits & 0x3ff) * 0x1p-24).bitPattern
            target[index] = Float(bitPattern: (bits & 0x7c00 == 0 ? subnormal : normal) | (bits & 0x8000) << 16)
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// Whether no number is infinite or NaN: found out without a branch for each.
    var isFinite: Bool {
        var carries: UInt32 = 0
        // Of a number that is not finite all bits of the exponent are set, and one more carries into the sign.
        for value in self { carries |= (value.bitPattern & 0x7f80_0000) &+ 0x0080_0000 }
        return carries >> 31 == 0
    }
}
