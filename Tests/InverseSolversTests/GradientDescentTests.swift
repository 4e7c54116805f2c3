import InverseSolvers
import TestSupport
import Testing

@Suite struct GradientDescentTests {
    @Test func gradientDescentSolvesRosenbrock() {
        let solve = minimize(.rosenbrock, .patient(.gradientDescent, evaluations: 5000, gradientTolerance: 1e-6))
        #expect(relativeError(solve.bestImage.array, [1, 1]) < 1e-3)
    }

    @Test func gradientDescentSolvesAnIllConditionedQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 50, condition: 1e4),
            .patient(.gradientDescent, evaluations: 1000, gradientTolerance: 1e-9))
        #expect(relativeError(solve.bestImage.array, [Double](repeating: 1, count: 50)) < 1e-3)
    }
}
