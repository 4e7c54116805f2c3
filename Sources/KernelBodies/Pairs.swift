/// Both rows rounded to bfloat16, to nearest with ties to even, bit for bit as the processor's instruction does it: subnormals
/// become zero, NaN stays NaN.
@inline(__always)
func packPairsInIntegers(even: Vector, odd: Vector) -> Pairs {
    roundedBits(even) &>> 16 | roundedBits(odd) & 0xffff_0000
}

/// The bits of `value` rounded to 16; what is left in the lower half is to be dropped.
@inline(__always)
private func roundedBits(_ value: Vector) -> Pairs {
    let bits = unsafeBitCast(value, to: Pairs.self)
    let magnitude = bits & 0x7fff_ffff
    let rounded = bits &+ 0x7fff &+ (bits &>> 16 & 1)
    let flushed = rounded.replacing(with: bits & 0x8000_0000, where: magnitude .< 0x0080_0000)
    return flushed.replacing(with: bits | 0x0040_0000, where: magnitude .> 0x7f80_0000)
}

/// The dot product of pairs as float32 arithmetic, bit for bit that of the bfloat16 instruction under flushed subnormals: a
/// product of two bfloat16 is exact in float32 (unless it overflows or is subnormal), so each of the two additions rounds once.
@inline(__always)
func dotPairsInFloat32(_ sum: Vector, _ weights: UInt32, _ x: Pairs) -> Vector {
    let upper = Vector(repeating: Float(bitPattern: weights & 0xffff_0000))
    let lower = Vector(repeating: Float(bitPattern: weights << 16))
    let first = multiplyAdd(upper, unsafeBitCast(x & 0xffff_0000, to: Vector.self), sum)
    return multiplyAdd(lower, unsafeBitCast(x &<< 16, to: Vector.self), first)
}
