import ArgumentParser
import Reglow

/// Which algorithm minimizes the objective, and when it stops.
struct SolverArguments: ParsableArguments {
    @Option(help: "The minimizer: gradient descent, Adam or L-BFGS.")
    var solver: Algorithm = .lbfgs

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most evaluations of objective and gradient for an image, those of line searches included.", valueName: "count"))
    var iterations = SolverOptions().maximumEvaluations

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Stop when the gradient has shrunk to this part of what it was at the start, or when the objective fell by no more than \
            this part of itself in ten steps. 0 uses all iterations.
            """, valueName: "tolerance"))
    var tolerance = SolverOptions().gradientTolerance

    enum Algorithm: String, CaseIterable, ExpressibleByArgument {
        case gd, adam, lbfgs
    }

    func validate() throws {
        try require(iterations >= 1, "--iterations is \(iterations), but must be at least 1")
        try require((0 ..< 1).contains(tolerance), "--tolerance is \(tolerance), but must be at least 0 and below 1")
    }

    func options(_ formulation: Formulation) -> SolverOptions {
        var options = SolverOptions()
        options.formulation = formulation
        options.maximumEvaluations = iterations
        options.gradientTolerance = tolerance
        options.progressTolerance = tolerance
        options.minimizer =
            switch solver {
            case .gd: .gradientDescent
            case .adam: .adam()
            case .lbfgs: .lbfgs()
            }
        return options
    }
}
