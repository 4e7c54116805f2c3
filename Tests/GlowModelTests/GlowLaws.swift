import Testing

// What every flow must satisfy, each law once. Gaps are relative to the largest number that is compared.
//
// A pass of a few steps adds up some hundred numbers per step in single precision. With u = 2^-24 the roundings of such sums
// give gaps of about 1e-6; the matrices of the tests have a condition below 10. A map that forgets a term or takes a wrong
// transpose is wrong by 1e-2 and more. 1e-5, what the golden files are held to, lies between.

/// The largest relative gap that passes.
let glowTolerance = 1e-5

/// max |found - expected| / max |expected|; infinite where a number is missing or NaN.
func relativeGap(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    var (gap, size) = (0.0, 0.0)
    for (found, expected) in zip(found, expected) {
        let difference = abs(Double(found) - expected)
        gap = difference.isNaN ? .infinity : max(gap, difference)
        size = max(size, abs(expected))
    }
    return gap / size
}

func relativeGap(_ found: [Float], _ expected: [Float]) -> Double { relativeGap(found, expected.map(Double.init)) }

/// inverse(forward(x)) = x
func expectInverse(
    _ forward: ([Float]) -> [Float], _ inverse: ([Float]) -> [Float], at x: [Float], within tolerance: Double = glowTolerance,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(relativeGap(inverse(forward(x)), x) <= tolerance, sourceLocation: sourceLocation)
}

/// <w, J v> = <J' w, v>, relative to |w| |J v| and |J' w| |v|.
func expectTransposed(
    _ product: ([Float]) -> [Float], _ transposed: ([Float]) -> [Float], tangent v: [Float], cotangent w: [Float],
    within tolerance: Double = glowTolerance, sourceLocation: SourceLocation = #_sourceLocation
) {
    let (jv, jtw) = (product(v), transposed(w))
    let gap = abs(inner(w, jv) - inner(jtw, v))
    let size = max(
        inner(w, w).squareRoot() * inner(jv, jv).squareRoot(), inner(jtw, jtw).squareRoot() * inner(v, v).squareRoot())
    #expect(gap <= tolerance * size, sourceLocation: sourceLocation)
}

private func inner(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

/// J v = (f(x + h v) - f(x - h v)) / 2h with f in double precision and h = 1e-6: the difference has an error of about h^2 and
/// 1e-16 / h, 1e-10 both together.
func expectDerivative(
    _ found: [Float], of map: ([Double]) -> [Double], at x: [Float], along v: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let h = 1e-6
    func moved(_ distance: Double) -> [Double] { map(zip(x, v).map { Double($0) + distance * Double($1) }) }
    let differences = zip(moved(h), moved(-h)).map { ($0 - $1) / (2 * h) }
    #expect(relativeGap(found, differences) <= glowTolerance, sourceLocation: sourceLocation)
}
