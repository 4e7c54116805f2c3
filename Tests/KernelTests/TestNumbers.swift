/// Repeatable numbers in [-1, 1), from Knuth's linear congruential generator.
func testNumbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0 ..< count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) * 0x1p-23 - 1
    }
}

/// Largest relative error of rounding one result to single precision.
let unitRoundoff = 0x1p-24

/// How far `found` is from `expected`, in roundings of a result of size `magnitude`; infinite where only one side is a number.
func roundings(_ found: Float, _ expected: Double, magnitude: Double) -> Double {
    let error = abs(Double(found) - expected)
    if error == 0 { return 0 }
    return error.isNaN ? .infinity : error / (unitRoundoff * magnitude)
}
