/// e^-|t| for every lane, to 2 ulp; below the smallest normal number it is that of -87.
///
/// |t| = n log 2 + f with |f| <= log 2 / 2; e^-f by its Taylor polynomial of degree 7 (remainder under 6e-9 relative).
@inline(__always)
func exponentialOfMinusMagnitude(_ t: Vector) -> Vector {
    let x = -(t.replacing(with: -t, where: t .< 0))
    let clamped = x.replacing(with: -87, where: x .< -87)
    // Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits of the significand.
    let shifter = Vector(repeating: 12_582_912)
    let shifted = clamped * 1.442_695_04 + shifter
    let n = shifted - shifter
    // log 2 in two parts: n times the first is exact.
    let f = (clamped - n * 0.693_359_375) + n * 2.121_944_4e-4
    var p = Vector(repeating: 1.0 / 5040)
    p = multiplyAdd(p, f, Vector(repeating: 1.0 / 720))
    p = multiplyAdd(p, f, Vector(repeating: 1.0 / 120))
    p = multiplyAdd(p, f, Vector(repeating: 1.0 / 24))
    p = multiplyAdd(p, f, Vector(repeating: 1.0 / 6))
    p = multiplyAdd(p, f, Vector(repeating: 0.5))
    p = multiplyAdd(p, f, Vector(repeating: 1))
    p = multiplyAdd(p, f, Vector(repeating: 1))
    // 2^n by its bits, as a factor: a NaN stays one, whatever its bits make of the exponent.
    let power = unsafeBitCast(shifted, to: Vector.MaskStorage.self) &<< 23 &+ 0x3f80_0000
    return p * unsafeBitCast(power, to: Vector.self)
}

/// log(1 + e) for -0.3 <= e <= 1, to 3 ulp: 2 artanh(w) with w = e / (2 + e), |w| <= 1/3, by its odd series up to w^15.
@inline(__always)
func logOnePlus(_ e: Vector) -> Vector {
    let w = e / (e + 2)
    let w2 = w * w
    var p = Vector(repeating: 1.0 / 15)
    p = multiplyAdd(p, w2, Vector(repeating: 1.0 / 13))
    p = multiplyAdd(p, w2, Vector(repeating: 1.0 / 11))
    p = multiplyAdd(p, w2, Vector(repeating: 1.0 / 9))
    p = multiplyAdd(p, w2, Vector(repeating: 1.0 / 7))
    p = multiplyAdd(p, w2, Vector(repeating: 1.0 / 5))
    p = multiplyAdd(p, w2, Vector(repeating: 1.0 / 3))
    p = multiplyAdd(p, w2, Vector(repeating: 1))
    return 2 * w * p
}

/// The scale of an affine coupling and its logarithm: s = 1 / (1 + e^-t), log s = min(t, 0) - log(1 + e^-|t|).
@inline(__always)
func sigmoid(_ t: Vector) -> (scale: Vector, logScale: Vector, oneMinusScale: Vector) {
    let e = exponentialOfMinusMagnitude(t)
    let large = 1 / (1 + e)
    let small = e * large
    let negative = t .< 0
    let logScale = t.replacing(with: 0, where: t .> 0) - logOnePlus(e)
    return (large.replacing(with: small, where: negative), logScale, small.replacing(with: large, where: negative))
}

/// e^t for every lane, to 3 ulp; t is taken as at least -87 and at most 87.
@inline(__always)
func exponential(_ t: Vector) -> Vector {
    let e = exponentialOfMinusMagnitude(t)
    return e.replacing(with: 1 / e, where: t .> 0)
}

/// log x for normal numbers x > 0, to 3 ulp of the larger of log x and 1: n log 2 + log m with m between the roots of 1/2 and 2.
@inline(__always)
func logarithm(_ x: Vector) -> Vector {
    let bits = unsafeBitCast(x, to: Vector.MaskStorage.self)
    let n = (bits &- 0x3f35_04f3) &>> 23
    let m = unsafeBitCast(bits &- (n &<< 23), to: Vector.self)
    // 1.5 * 2^23 + n by its bits.
    let count = unsafeBitCast(n &+ 0x4b40_0000, to: Vector.self) - 12_582_912
    let logarithm = count * 0.693_359_375 + (logOnePlus(m - 1) - count * 2.121_944_4e-4)
    return logarithm.replacing(with: x, where: x .!= x)
}
