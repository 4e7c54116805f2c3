/// Independent chains of multiply-adds in registers: what the processor can do at most. There are `peakChains` of them, 6 or 8:
/// enough to hide the latency of two units, and no more than the registers hold.
///
/// Returns a number that depends on all chains, so that none is optimized away.
func multiplyAddPeak(repetitions: Int) -> Float {
    let factor = Vector(repeating: 0.5)
    let offset = Vector(repeating: 1)
    var a = Vector(repeating: 0), b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7
    for _ in 0 ..< repetitions {
        a = multiplyAdd(a, factor, offset)
        b = multiplyAdd(b, factor, offset)
        c = multiplyAdd(c, factor, offset)
        d = multiplyAdd(d, factor, offset)
        e = multiplyAdd(e, factor, offset)
        f = multiplyAdd(f, factor, offset)
        if peakChains == 8 {
            g = multiplyAdd(g, factor, offset)
            h = multiplyAdd(h, factor, offset)
        }
    }
    return (a + b + c + d + e + f + g + h)[0]
}

/// Floating-point operations of one repetition of `multiplyAddPeak`.
var multiplyAddPeakOperations: Int { peakChains * Vector.scalarCount * 2 }

/// As `multiplyAddPeak`, for dot products of bfloat16 pairs.
func dotPairsPeak(repetitions: Int) -> Float {
    let weights: UInt32 = 0x3f00_3e80
    let x = Pairs(repeating: 0x3f80_3f80)
    var a = Vector(repeating: 0), b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7
    for _ in 0 ..< repetitions {
        a = dotPairs(a, weights, x)
        b = dotPairs(b, weights, x)
        c = dotPairs(c, weights, x)
        d = dotPairs(d, weights, x)
        e = dotPairs(e, weights, x)
        f = dotPairs(f, weights, x)
        if peakChains == 8 {
            g = dotPairs(g, weights, x)
            h = dotPairs(h, weights, x)
        }
    }
    return (a + b + c + d + e + f + g + h)[0]
}

/// Floating-point operations of one repetition of `dotPairsPeak`.
var dotPairsPeakOperations: Int { peakChains * Vector.scalarCount * 4 }
