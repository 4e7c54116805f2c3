/// The nearest bfloat16, ties to even, by arithmetic in double precision: a bfloat16 has 7 bits after the leading one, so from
/// 2^e on its neighbours lie 2^(e - 7) apart, and below 2^-126 as far apart as there. Past the largest comes infinity.
package func roundedToBrainFloat(_ value: Float) -> Float {
    guard value.isFinite, value != 0 else { return value }
    let exponent = max(Double(value.exponent), -126)
    let spacing = Double(sign: .plus, exponent: Int(exponent) - 7, significand: 1)
    return Float((Double(value) / spacing).rounded(.toNearestOrEven) * spacing)
}

/// The upper 16 of its bits, of a number that is a bfloat16.
package func brainFloatBits(_ value: Float) -> UInt32 { value.bitPattern >> 16 }

/// A word of a packed panel: `even` rounded in its lower half, `odd` in its upper half.
package func packedPair(even: Float, odd: Float) -> Float {
    Float(bitPattern: brainFloatBits(roundedToBrainFloat(even)) | brainFloatBits(roundedToBrainFloat(odd)) << 16)
}

/// The end of what is rounded down, the tie, the start of what is rounded up, and the ends of all.
package let lowerHalvesOfFloats: [UInt32] = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff]

/// Every bfloat16, each followed by `lower`: all numbers, infinities and NaN.
package func brainFloats(followedBy lower: UInt32) -> [Float] {
    (0 ..< UInt32(1 << 16)).map { Float(bitPattern: $0 << 16 | lower) }
}
