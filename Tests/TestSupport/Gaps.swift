// How far numbers are from what they should be. Where one side is missing or not finite, no bound holds.

/// max |found - expected| / max |expected|
package func relativeGap(_ found: some Collection<Float>, _ expected: some Collection<Double>) -> Double {
    guard found.count == expected.count else { return .infinity }
    var (gap, size) = (0.0, 0.0)
    for (found, expected) in zip(found, expected) {
        let difference = abs(Double(found) - expected)
        gap = difference.isNaN ? .infinity : max(gap, difference)
        size = max(size, abs(expected))
    }
    return gap / size
}

package func relativeGap(_ found: [Float], _ expected: [Float]) -> Double { relativeGap(found, expected.map(Double.init)) }

/// |found - expected| / |expected|, Euclidean.
package func relativeError(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let difference = zip(found, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return (difference / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
}

/// max |found - expected|
package func largestGap(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .nan }
    return zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
}

/// Largest relative error of rounding one result to single precision.
package let unitRoundoff = 0x1p-24

/// How far `found` is from `expected`, in roundings of a result of size `magnitude`; infinite where only one side is a number.
package func roundings(_ found: Float, _ expected: Double, magnitude: Double) -> Double {
    let error = abs(Double(found) - expected)
    if error == 0 { return 0 }
    return error.isNaN ? .infinity : error / (unitRoundoff * magnitude)
}

/// The single precision numbers as bits, for comparisons that tell -0 from 0 and accept no last-bit difference.
package func bits(_ numbers: [Float]) -> [UInt32] { numbers.map(\.bitPattern) }
