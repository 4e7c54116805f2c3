/// The nearest bfloat16, ties to even, by arithmetic in double precision: a bfloat16 has 7 bits after the leading one, so from
/// 2^e on its neighbours lie 2^(e - 7) apart, and below 2^-126 as far apart as there. Past the largest comes infinity.
func roundedToBrainFloat(_ value: Float) -> Float {
    guard value.isFinite, value != 0 else { return value }
    let exponent = max(Double(value.exponent), -126)
    let spacing = Double(sign: .plus, exponent: Int(exponent) - 7, significand: 1)
    return Float((Double(value) / spacing).rounded(.toNearestOrEven) * spacing)
}

/// The upper 16 of its bits, of a number that is a bfloat16.
func brainFloatBits(_ value: Float) -> UInt32 { value.bitPattern >> 16 }

/// A word of a packed panel: `even` rounded in its lower half, `odd` in its upper half.
func packedPair(even: Float, odd: Float) -> Float {
    Float(bitPattern: brainFloatBits(roundedToBrainFloat(even)) | brainFloatBits(roundedToBrainFloat(odd)) << 16)
}
