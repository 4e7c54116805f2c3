import InverseSolvers
import TestSupport
import Testing

@Suite struct LBFGSTests {
    @Test func lbfgsSolvesRosenbrock() {
        let solve = minimize(.rosenbrock, .patient(.lbfgs(), evaluations: 100, gradientTolerance: 1e-6))
        #expect(solve.stop?.reason == .gradient)
        #expect(relativeError(solve.bestImage.array, [1, 1]) < 1e-4)
    }

    @Test func lbfgsSolvesAnIllConditionedQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 50, condition: 1e4), .patient(.lbfgs(), evaluations: 1000, gradientTolerance: 1e-9))
        #expect(relativeError(solve.bestImage.array, [Double](repeating: 1, count: 50)) < 1e-3)
    }

    /// With memory for every direction and a good line search, L-BFGS is near the finite end of conjugate gradients.
    @Test func lbfgsNeedsFewEvaluationsOnASmallQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 5, condition: 100), .patient(.lbfgs(), evaluations: 100, gradientTolerance: 1e-5))
        #expect(solve.stop?.reason == .gradient)
        #expect(solve.evaluations <= 25)
    }
}
