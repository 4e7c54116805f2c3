/// Independent chains of multiply-adds in registers: what the processor can do at most. Each of the eight chains is longer than
/// the latency of an instruction needs on any processor so far with two FMA units and a latency of four cycles.
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
        g = multiplyAdd(g, factor, offset)
        h = multiplyAdd(h, factor, offset)
    }
    return (a + b + c + d + e + f + g + h)[0]
}

/// Floating-point operations of one repetition of `multiplyAddPeak`.
var multiplyAddPeakOperations: Int { 8 * Vector.scalarCount * 2 }
