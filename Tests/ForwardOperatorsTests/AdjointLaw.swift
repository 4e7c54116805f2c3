import ForwardOperators
import KernelInterface
import Testing

/// The law of every operator: <A x, y> = <x, A' y>, relative to |A x| |y| and |x| |A' y|.
///
/// Bound: with u = 2^-24, an entry of A x that is reached by at most k roundings is wrong by at most about k u (|A| |x|). The
/// inner products here are in Double, so the gap is at most 2 k u | |A| |x| | |y|, and for numbers x, y in [0, 1) and a
/// non-negative A, | |A| |x| | = |A x|. A Fourier transform of n numbers and its inverse have 2 log2(n) levels of at most 3
/// roundings, and a product with a spectrum adds 4. A sum of n terms, n below 1500 in these tests, in 16 or more partial sums
/// has about as many. So k = 6 log2(n) + 8. A signed A loses a small factor, which roundings of random sign more than repay.
/// A wrong adjoint, such as a border that is not folded back, shows at 1e-3 or more; the bound is near 1e-5.
func expectAdjoint(of a: some ForwardOperator, sourceLocation: SourceLocation = #_sourceLocation) {
    let x = testNumbers(a.imageShape.count, seed: 11)
    let y = testNumbers(a.measurementShape.count, seed: 12)
    let ax = written(y.count, by: a.apply, from: x)
    let aty = written(x.count, by: a.adjoint, from: y)
    let roundings = 6 * logarithm(max(x.count, y.count)) + 8
    let scale = max(norm(ax) * norm(y), norm(x) * norm(aty))
    let gap = abs(inner(ax, y) - inner(x, aty))
    #expect(gap <= 2 * roundings * 0x1p-24 * scale, sourceLocation: sourceLocation)
}

/// A x against a twin in Double, A' y against the transpose of the twin's matrix, read off column by column, and the adjoint law.
///
/// Each must agree to k u times the largest |A| |x|, with k and u as in `expectAdjoint`, which is estimated by the
/// twin's largest absolute row (column) sum, for |x| < 1.
func expectMatches(
    _ a: some ForwardOperator, twin: ([Double]) -> [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
    expectAdjoint(of: a, sourceLocation: sourceLocation)
    let n = a.imageShape.count
    let m = a.measurementShape.count
    let x = testNumbers(n, seed: 13).map { $0 - 0.4 }
    let y = testNumbers(m, seed: 14).map { $0 - 0.4 }
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
    let bound = (6 * logarithm(max(n, m)) + 8) * 0x1p-24
    let applyGap = largestGap(written(m, by: a.apply, from: x), twin(x.map(Double.init)))
    let adjointGap = largestGap(written(n, by: a.adjoint, from: y), adjoint)
    #expect(applyGap <= bound * (rowSums.max() ?? 0), sourceLocation: sourceLocation)
    #expect(adjointGap <= bound * (columnSums.max() ?? 0), sourceLocation: sourceLocation)
}

/// NaN where one side is not finite, so that no bound holds.
func largestGap(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .nan }
    return zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
}

func inner(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

func norm(_ a: [Float]) -> Double {
    inner(a, a).squareRoot()
}

/// log2, rounded up.
private func logarithm(_ count: Int) -> Double {
    Double(Int.bitWidth - max(0, count - 1).leadingZeroBitCount)
}
