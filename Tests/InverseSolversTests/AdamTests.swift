import InverseSolvers
import TestSupport
import Testing

@Suite struct AdamTests {
    @Test func adamSolvesAQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 20, condition: 100), .patient(.adam(learningRate: 0.05), evaluations: 500))
        #expect(relativeError(solve.bestImage.array, [Double](repeating: 1, count: 20)) < 1e-2)
    }

    /// A rate far too high for the curvature makes Adam leave its best point again.
    @Test func adamReturnsItsBestIterate() {
        let function = TestFunction.quadratic(dimension: 10, condition: 1e4)
        var points: [(x: [Double], value: Double)] = []
        let solve = minimize(function, .patient(.adam(learningRate: 0.5), evaluations: 20)) { x, value, _, _ in
            points.append((x, value))
        }
        let best = points.min { $0.value < $1.value }
        #expect(solve.best.objective == best?.value)
        #expect(solve.bestImage.array.map(Double.init) == best?.x)
        #expect(points.last.map(\.value) != best?.value)
    }
}
