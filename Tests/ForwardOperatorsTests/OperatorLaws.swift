import ForwardOperators
import KernelInterface
import TestSupport
import Testing

/// The adjoint law of an operator, to what rounding allows.
///
/// Bound: with u = 2^-24, an entry of A x that is reached by at most k roundings is wrong by at most about k u (|A| |x|), so the gap
/// of `expectAdjoint` is at most 2 k u, and for numbers x, y in [0, 1) and a non-negative A nothing cancels. A Fourier transform of
/// n numbers and its inverse have 2 log2(n) levels of at most 3 roundings, and a product with a spectrum adds 4. A sum of n terms,
/// n below 1500 in these tests, in 16 or more partial sums has about as many. So k = 6 log2(n) + 8, and the bound is near 1e-5.
/// A signed A loses a small factor, which roundings of random sign more than repay.
func expectAdjoint(of a: some ForwardOperator, sourceLocation: SourceLocation = #_sourceLocation) {
    let x = uniformNumbers(a.imageShape.count, seed: 11)
    let y = uniformNumbers(a.measurementShape.count, seed: 12)
    expectAdjoint(
        written(y.count, by: a.apply, from: x), written(x.count, by: a.adjoint, from: y), of: x, and: y,
        within: 2 * relativeRounding(max(x.count, y.count)), sourceLocation: sourceLocation)
}

/// k u of n numbers.
private func relativeRounding(_ n: Int) -> Double {
    let logarithm = Double(Int.bitWidth - max(0, n - 1).leadingZeroBitCount)
    return (6 * logarithm + 8) * unitRoundoff
}

/// A x against a twin in Double, A' y against the transpose of the twin's matrix, read off column by column, and the adjoint law.
///
/// Each must agree to k u times the largest |A| |x|, with k and u as in `expectAdjoint(of:)`, which is estimated by the
/// twin's largest absolute row (column) sum, for |x| < 1.
func expectMatches(
    _ a: some ForwardOperator, twin: ([Double]) -> [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
    expectAdjoint(of: a, sourceLocation: sourceLocation)
    let n = a.imageShape.count
    let m = a.measurementShape.count
    let x = uniformNumbers(n, seed: 13).map { $0 - 0.4 }
    let y = uniformNumbers(m, seed: 14).map { $0 - 0.4 }
    var adjoint = [Double](repeating: 0, count: n)
    var rowSums = [Double](repeating: 0, count: m)
    var columnSums = [Double](repeating: 0, count: n)
    for k in 0 ..< n {
        var unit = [Double](repeating: 0, count: n)
        unit[k] = 1
        for (i, entry) in twin(unit).enumerated() {
            adjoint[k] += entry * Double(y[i])
            rowSums[i] += abs(entry)
            columnSums[k] += abs(entry)
        }
    }
    let bound = relativeRounding(max(n, m))
    let applyGap = largestGap(written(m, by: a.apply, from: x), twin(x.map(Double.init)))
    let adjointGap = largestGap(written(n, by: a.adjoint, from: y), adjoint)
    #expect(applyGap <= bound * (rowSums.max() ?? 0), sourceLocation: sourceLocation)
    #expect(adjointGap <= bound * (columnSums.max() ?? 0), sourceLocation: sourceLocation)
}
