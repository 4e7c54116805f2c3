/// Independent chains of multiply-adds in registers: what the processor can do at most.
///
/// Returns a number that depends on all chains, so that none is optimized away.
func multiplyAddPeak(repetitions: Int) -> Float {
    let factor = Vector(repeating: 0.5)
    let offset = Vector(repeating: 1)
    return sumOfChains(repetitions) { multiplyAdd($0, factor, offset) }
}

/// Floating-point operations of one repetition of `multiplyAddPeak`.
var multiplyAddPeakOperations: Int { peakChains * Vector.scalarCount * 2 }

/// Works as `multiplyAddPeak`, for dot products of bfloat16 pairs.
func dotPairsPeak(repetitions: Int) -> Float {
    let x = Pairs(repeating: 0x3f80_3f80)
    return sumOfChains(repetitions) { dotPairs($0, 0x3f00_3e80, x) }
}

/// Floating-point operations of one repetition of `dotPairsPeak`.
var dotPairsPeakOperations: Int { peakChains * Vector.scalarCount * 4 }

/// `step` again and again on each of `peakChains` vectors, 6 or 8: enough to hide the latency of two units, and no more than
/// the registers hold.
@inline(__always)
private func sumOfChains(_ repetitions: Int, _ step: (Vector) -> Vector) -> Float {
    var a = Vector(repeating: 0), b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7
    for _ in 0 ..< repetitions {
        a = step(a)
        b = step(b)
        c = step(c)
        d = step(d)
        e = step(e)
        f = step(f)
        if peakChains == 8 {
            g = step(g)
            h = step(h)
        }
    }
    return (a + b + c + d + e + f + g + h)[0]
}
