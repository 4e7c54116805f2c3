import Foundation
import InverseSolvers
import TestSupport
import Testing

@Suite struct StopRulesTests {
    static let choices: [MinimizerChoice] = [.gradientDescent, .adam(), .lbfgs(), .auto]

    @Test(arguments: choices)
    func aFlatObjectiveStopsAtTheStart(choice: MinimizerChoice) {
        let flat = TestFunction(description: "flat", start: [1, 2]) { _ in (3, [0, 0]) }
        let solve = minimize(flat, .patient(choice, evaluations: 100))
        #expect(solve.stop?.reason == .gradient)
        #expect(solve.stop?.diagnosis == "evaluation 1: the gradient is zero at the start")
        #expect(solve.bestImage.array == [1, 2])
    }

    @Test(arguments: choices)
    func aStartThatIsNotFiniteIsReturnedWithADiagnosis(choice: MinimizerChoice) {
        let broken = TestFunction(description: "NaN", start: [1, 2]) { _ in (.nan, [0, 0]) }
        let solve = minimize(broken, .patient(choice, evaluations: 100))
        #expect(solve.stop == Stop(.diverged, "evaluation 1: the objective is nan at the start"))
        #expect(solve.bestImage.array == [1, 2])
    }

    @Test(arguments: choices)
    func finiteOnlyAtTheStartDiverges(choice: MinimizerChoice) {
        let island = TestFunction(description: "island", start: [1, 2]) { x in
            x == [1, 2] ? (5, [1, 1]) : (.nan, [.nan, .nan])
        }
        let solve = minimize(island, .patient(choice, evaluations: 1000))
        #expect(solve.stop?.reason == .diverged)
        #expect(solve.stop?.diagnosis?.contains("evaluation \(solve.evaluations): ") == true)
        #expect(solve.evaluations <= 60)
        #expect(solve.bestImage.array == [1, 2])
    }

    /// Ten iterates that lower the objective by `fall` lambda each, from 100 lambda.
    private static func stop(fall: Double, lambda: Double, tolerance: Double?, weight: Double?) -> StopReason? {
        var options = SolverOptions()
        options.progressTolerance = tolerance
        var rules = StopRules(options, regularizationWeight: weight)
        return (0 ... 10).lazy.compactMap {
            rules.check(objective: lambda * (100 - fall * Double($0)), gradientNorm: 1)?.reason
        }.first
    }

    /// In ten steps the logarithm of the posterior density rises by 0.9, 1.1 or 0.09, of 100.
    @Test(arguments: [1.0, 1e-4]) func progressThatTheDensityDoesNotShowEndsASolve(lambda: Double) {
        #expect(Self.stop(fall: 0.09, lambda: lambda, tolerance: nil, weight: lambda) == .progress)
        #expect(Self.stop(fall: 0.11, lambda: lambda, tolerance: nil, weight: lambda) == nil)
        #expect(Self.stop(fall: 0.09, lambda: lambda, tolerance: nil, weight: nil) == nil)
        let tenth = SolverOptions.preconditionedTolerance / 10
        #expect(Self.stop(fall: 0.09, lambda: lambda, tolerance: tenth, weight: lambda) == nil)
        #expect(Self.stop(fall: 0.009, lambda: lambda, tolerance: tenth, weight: lambda) == .progress)
        #expect(Self.stop(fall: 0, lambda: lambda, tolerance: 0, weight: lambda) == nil)
    }

    /// A minimum close to where the function ends: points beyond are steps too long, and the minimum is found.
    @Test(arguments: choices)
    func aWallIsNotTheEnd(choice: MinimizerChoice) {
        let wall = TestFunction(description: "wall", start: [0]) { x in
            x[0] > 1 ? (.infinity, [.nan]) : (pow(x[0] - 0.9, 2), [2 * (x[0] - 0.9)])
        }
        let solve = minimize(wall, .patient(choice, evaluations: 500))
        #expect(abs(solve.bestImage.array[0] - 0.9) < 1e-3)
    }

    @Test(arguments: [MinimizerChoice.gradientDescent, .lbfgs()])
    func anObjectiveWithoutLowerBoundDiverges(choice: MinimizerChoice) {
        let functions = [
            TestFunction(description: "line", start: [1]) { x in (-x[0], [-1]) },
            TestFunction(description: "parabola", start: [1]) { x in (-x[0] * x[0], [-2 * x[0]]) },
            TestFunction(description: "exponential", start: [1]) { x in (-exp(x[0]), [-exp(x[0])]) },
        ]
        for function in functions {
            let solve = minimize(function, .patient(choice, evaluations: 1000))
            #expect(solve.stop?.reason == .diverged, "\(function)")
            #expect(solve.stop?.diagnosis?.contains("evaluation \(solve.evaluations): ") == true)
            #expect(solve.evaluations <= 200, "\(function)")
            #expect(solve.bestImage.array[0].isFinite)
        }
    }

    @Test func adamWithoutLowerBoundUsesItsBudget() {
        let line = TestFunction(description: "line", start: [1]) { x in (-x[0], [-1]) }
        let solve = minimize(line, .patient(.adam(), evaluations: 50))
        #expect(solve.stop?.reason == .budget)
        #expect(solve.evaluations == 50)
    }

    /// Adam accepts any finite point, so an exploding objective must be seen by the rules.
    @Test func anExplodingObjectiveDiverges() {
        let steep = TestFunction(description: "steep", start: [0]) { x in (exp(1e4 * x[0] * x[0]), [1]) }
        let solve = minimize(steep, .patient(.adam(learningRate: 0.05), evaluations: 100))
        #expect(solve.stop?.reason == .diverged)
        #expect(solve.stop?.diagnosis?.contains("explodes") == true)
        #expect(solve.best.objective == 1)
    }

    /// Values rounded to single precision on top of 1: below that floor the objective shows no decrease.
    @Test(arguments: [MinimizerChoice.gradientDescent, .lbfgs()])
    func stopsByItselfAtTheNoiseFloor(choice: MinimizerChoice) {
        let exact = TestFunction.quadratic(dimension: 20, condition: 100)
        let rounded = TestFunction(description: "rounded", start: exact.start) { x in
            let (value, gradient) = exact.evaluate(x)
            let noise = x.reduce(0) { $0 + 1e-5 * sin(1e6 * $1) }
            return (Double(Float(1 + value)), gradient.map { $0 + noise })
        }
        let solve = minimize(rounded, .patient(choice, evaluations: 100_000, gradientTolerance: 0))
        #expect(solve.stop?.reason == .noFurtherProgress)
        #expect(solve.stop?.diagnosis?.contains("evaluation \(solve.evaluations): none of ") == true)
        #expect(solve.evaluations < 2000)
        #expect(relativeError(solve.bestImage.array, [Double](repeating: 1, count: 20)) < 1e-2)
    }

    @Test func slowProgressStops() {
        var options = SolverOptions.patient(.gradientDescent, evaluations: 100_000, gradientTolerance: 0)
        options.progressTolerance = 1e-3
        let offset = TestFunction(description: "offset", start: [-1.2, 1]) { x in
            let (value, gradient) = TestFunction.rosenbrock.evaluate(x)
            return (value + 10, gradient)
        }
        let solve = minimize(offset, options)
        #expect(solve.stop?.reason == .progress)
        #expect(solve.trace.entries.count > options.progressWindow)
    }

    @Test func theBudgetIsKept() {
        for budget in [1, 2, 7] {
            let solve = minimize(.rosenbrock, .patient(.lbfgs(), evaluations: budget))
            #expect(solve.evaluations == budget)
            #expect(solve.stop == Stop(.budget))
        }
    }
}
