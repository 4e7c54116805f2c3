/// The algorithm that minimizes the objective.
public enum MinimizerChoice: Sendable, Hashable {
    case gradientDescent
    /// `learningRate` is the length of a step in each coordinate, in units of the unknown.
    case adam(learningRate: Double = 0.02)
    /// `memory` is the number of pairs that the inverse Hessian is made from.
    case lbfgs(memory: Int = 10)
}

/// How `Solver.restore` minimizes, and when it stops.
public struct SolverOptions: Sendable, Hashable {
    public var formulation: Formulation = .analysis
    public var minimizer: MinimizerChoice = .lbfgs()

    /// The budget of each image in evaluations of value and gradient, those of the line searches included.
    public var maximumEvaluations = 300
    /// Stops when |gradient| <= this * |gradient at the start|.
    public var gradientTolerance = 1e-5
    /// Stops when the objective fell by no more than this part of itself in `progressWindow` iterates; 0 leaves the
    /// rule out.
    public var progressTolerance = 1e-5
    public var progressWindow = 10

    /// Adds -lambda log|det J_f(x)| to the objective: the full maximum a posteriori estimate. Analysis only.
    public var includeLogDeterminant = false

    /// The most images that share one flow evaluation. Memory grows with it.
    public var maximumBatch = 8

    public init() {}
}

extension SolverOptions {
    /// - Throws: `SolverError.option` for the first option out of its range.
    public func validate() throws {
        try require(maximumEvaluations >= 1, "maximumEvaluations", maximumEvaluations, "at least 1")
        try require(
            (0 ..< 1).contains(gradientTolerance), "gradientTolerance", gradientTolerance, "at least 0 and below 1")
        try require(
            (0 ..< 1).contains(progressTolerance), "progressTolerance", progressTolerance, "at least 0 and below 1")
        try require((1 ... 100_000).contains(progressWindow), "progressWindow", progressWindow, "1 to 100000")
        try require((1 ... 4096).contains(maximumBatch), "maximumBatch", maximumBatch, "1 to 4096")
        try require(
            !includeLogDeterminant || formulation == .analysis, "includeLogDeterminant", includeLogDeterminant,
            "false in the synthesis formulation")
        switch minimizer {
        case .gradientDescent: break
        case .adam(let rate):
            try require(rate > 0 && rate.isFinite, "learningRate", rate, "a finite number above 0")
        case .lbfgs(let memory):
            try require((1 ... 1000).contains(memory), "memory", memory, "1 to 1000")
        }
    }

    private func require(_ holds: Bool, _ name: String, _ found: some CustomStringConvertible, _ required: String)
        throws
    {
        if !holds { throw SolverError.option(name: name, found: found.description, required: required) }
    }

    /// The chosen algorithm at the point `start`.
    package func makeMinimizer(start: [Float]) -> any Minimizer {
        switch minimizer {
        case .gradientDescent: GradientDescent(start: start)
        case .adam(let rate): Adam(start: start, learningRate: rate, maximumEvaluations: maximumEvaluations)
        case .lbfgs(let memory): LBFGS(start: start, memory: memory)
        }
    }
}
