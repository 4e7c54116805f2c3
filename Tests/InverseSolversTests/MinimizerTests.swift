import Foundation
import InverseSolvers
import TestSupport
import Testing

@Suite struct MinimizerTests {
    @Test func lbfgsSolvesRosenbrock() {
        let solve = minimize(.rosenbrock, .patient(.lbfgs(), evaluations: 100, gradientTolerance: 1e-6))
        #expect(solve.stop?.reason == .gradient)
        #expect(relativeError(solve.bestImage.array, [1, 1]) < 1e-4)
    }

    @Test func gradientDescentSolvesRosenbrock() {
        let solve = minimize(.rosenbrock, .patient(.gradientDescent, evaluations: 5000, gradientTolerance: 1e-6))
        #expect(relativeError(solve.bestImage.array, [1, 1]) < 1e-3)
    }

    @Test func lbfgsSolvesAnIllConditionedQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 50, condition: 1e4), .patient(.lbfgs(), evaluations: 1000, gradientTolerance: 1e-9))
        #expect(relativeError(solve.bestImage.array, [Double](repeating: 1, count: 50)) < 1e-3)
    }

    @Test func gradientDescentSolvesAnIllConditionedQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 50, condition: 1e4),
            .patient(.gradientDescent, evaluations: 1000, gradientTolerance: 1e-9))
        #expect(relativeError(solve.bestImage.array, [Double](repeating: 1, count: 50)) < 1e-3)
    }

    /// With memory for every direction and a good line search, L-BFGS is near the finite end of conjugate gradients.
    @Test func lbfgsNeedsFewEvaluationsOnASmallQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 5, condition: 100), .patient(.lbfgs(), evaluations: 100, gradientTolerance: 1e-5))
        #expect(solve.stop?.reason == .gradient)
        #expect(solve.evaluations <= 25)
    }

    @Test func adamSolvesAQuadratic() {
        let solve = minimize(
            .quadratic(dimension: 20, condition: 100), .patient(.adam(learningRate: 0.05), evaluations: 500))
        #expect(relativeError(solve.bestImage.array, [Double](repeating: 1, count: 20)) < 1e-2)
    }

    @Test(arguments: [MinimizerChoice.gradientDescent, .lbfgs(), .lbfgs(memory: 1)])
    func objectiveNeverRises(choice: MinimizerChoice) {
        for function in [TestFunction.rosenbrock, .quadratic(dimension: 30, condition: 1e4), .logarithmic] {
            var last = Double.infinity
            minimize(function, .patient(choice, evaluations: 300)) { _, value, _, _ in
                #expect(value <= last)
                last = value
            }
        }
    }

    @Test(arguments: [MinimizerChoice.gradientDescent, .adam(), .lbfgs()])
    func aRestartGoesBackToTheLastIterate(choice: MinimizerChoice) {
        let function = TestFunction.quadratic(dimension: 20, condition: 100)
        let minimizer = SolverOptions.patient(choice, evaluations: 100).makeMinimizer(start: function.start)
        var last: [Float] = []
        for _ in 0 ..< 12 {
            let trial = minimizer.trial.array
            let (value, gradient) = function.evaluate(trial.map(Double.init))
            if case .accepted = minimizer.advance(value: value, gradient: Vector(gradient.map { Float($0) })) { last = trial }
        }
        minimizer.restart()
        #expect(minimizer.trial.array == last)
        let (value, gradient) = function.evaluate(last.map(Double.init))
        // As the start, it is accepted whatever its value.
        let step = minimizer.advance(value: value + 1, gradient: Vector(gradient.map { Float($0) }))
        if case .accepted = step {} else { Issue.record("\(step)") }
        #expect(minimizer.trial.array != last)
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

    /// The inverse Hessian of a quadratic maps each gradient change it was last given back to the change of the
    /// point.
    @Test func inverseHessianHasTheSecantProperty() {
        let dimension = 6
        let hessian = ReferenceMatrix.nearIdentity(dimension, spread: 0.5, seed: 3)
        let symmetric = hessian.transposed * hessian
        let inverseHessian = InverseHessian(dimension: dimension, memory: 3)
        let zero = Vector(count: dimension)
        for seed in 0 ..< 5 {
            let change = Vector(normalNumbers(dimension, seed: UInt64(seed)))
            let gradientChange = Vector((symmetric * change.array.map(Double.init)).map { Float($0) })
            inverseHessian.store(x: change, previousX: zero, gradient: gradientChange, previousGradient: zero)
            let result = Vector(count: dimension)
            inverseHessian.apply(to: gradientChange, into: result)
            #expect(relativeError(result.array, change.array.map(Double.init)) < 1e-5)
        }
        #expect(inverseHessian.count == 3)
    }

    @Test func aPairWithoutCurvatureIsNotStored() {
        let inverseHessian = InverseHessian(dimension: 2, memory: 1)
        let zero = Vector(count: 2)
        let change = Vector([1, 0])
        inverseHessian.store(x: change, previousX: zero, gradient: Vector([2, 0]), previousGradient: zero)
        #expect(inverseHessian.count == 1)
        inverseHessian.store(x: change, previousX: zero, gradient: Vector([-1, 0]), previousGradient: zero)
        #expect(inverseHessian.count == 0)
        let result = Vector(count: 2)
        inverseHessian.apply(to: change, into: result)
        #expect(result.array[0] > 0)
    }
}
