import Foundation
import InverseSolvers

/// A function with its gradient, for minimizers alone.
struct TestFunction: CustomStringConvertible, Sendable {
    let description: String
    let start: [Float]
    let evaluate: @Sendable ([Double]) -> (value: Double, gradient: [Double])

    static let rosenbrock = TestFunction(description: "Rosenbrock", start: [-1.2, 1]) { x in
        let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
        return (a * a + 100 * b * b, [-2 * a - 400 * x[0] * b, 200 * b])
    }

    /// 1/2 sum_i c_i (x_i - 1)^2 with c from 1 to `condition`.
    static func quadratic(dimension: Int, condition: Double) -> TestFunction {
        TestFunction(description: "quadratic of condition \(condition)", start: [Float](repeating: 0, count: dimension)) { x in
            let curvatures = (0 ..< dimension).map { pow(condition, Double($0) / Double(dimension - 1)) }
            let value = zip(curvatures, x).reduce(0) { $0 + $1.0 * ($1.1 - 1) * ($1.1 - 1) / 2 }
            return (value, zip(curvatures, x).map { $0 * ($1 - 1) })
        }
    }

    /// Convex, not quadratic: sum_i log(e^(x_i - i) + e^(i - x_i)) + 1/100 |x|^2
    static let logarithmic = TestFunction(description: "logarithm of sums", start: [Float](repeating: 3, count: 6)) {
        x in
        let terms = x.enumerated().map { log(2 * cosh($1 - Double($0))) + 0.01 * $1 * $1 }
        return (terms.reduce(0, +), x.enumerated().map { tanh($1 - Double($0)) + 0.02 * $1 })
    }
}

/// Runs one solve on a function until it stops by itself. `onAccepted` gets x, value and gradient of each iterate,
/// and the step.
@discardableResult
func minimize(
    _ function: TestFunction, _ options: SolverOptions, formulation: Formulation = .analysis, schedule: Schedule? = nil,
    onAccepted: (_ x: [Double], _ value: Double, _ gradient: [Double], _ step: Double) -> Void = { _, _, _, _ in }
) -> ImageSolve {
    let solve = ImageSolve(start: function.start, formulation: formulation, options: options, schedule: schedule)
    while solve.stop == nil {
        let x = solve.minimizer.trial.array.map(Double.init)
        let (value, gradient) = function.evaluate(x)
        let rounded = Vector(gradient.map { Float($0) })
        solve.gradient.set(rounded)
        var evaluation = Evaluation()
        evaluation.dataFidelity = value
        evaluation.gradientNorm = rounded.norm
        let point = Vector(solve.minimizer.trial.array)
        solve.receive(evaluation, image: point.elements, latent: point.elements, seconds: 0)
        if let entry = solve.newEntry { onAccepted(x, value, gradient, entry.step) }
    }
    return solve
}

extension SolverOptions {
    /// Options that stop by the gradient or the budget alone.
    static func patient(_ minimizer: MinimizerChoice, evaluations: Int, gradientTolerance: Double = 1e-5)
        -> SolverOptions
    {
        var options = SolverOptions()
        options.minimizer = minimizer
        options.maximumEvaluations = evaluations
        options.gradientTolerance = gradientTolerance
        options.progressTolerance = 0
        return options
    }
}
