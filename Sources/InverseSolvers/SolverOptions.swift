/// The algorithm that minimizes the objective.
public enum MinimizerChoice: Sendable, Hashable {
    /// L-BFGS with the inverse Hessian of a simpler problem (`WienerPreconditioner`), which begins in the latent
    /// (`ImageSolve`).
    case auto
    /// `GaussNewton`, in the image, whose inner solves leave `tolerance` of the gradient or take `products` products with the
    /// Hessian.
    case gaussNewton(tolerance: Double = 0.1, products: Int = 20)
    /// Gradient descent with Armijo backtracking.
    case gradientDescent
    /// `learningRate` is the length of a step in each coordinate, in units of the unknown.
    case adam(learningRate: Double = 0.02)
    /// `memory` is the number of pairs that the inverse Hessian is made from.
    case lbfgs(memory: Int = 10)
}

/// How a `Solver` minimizes, and when it stops.
public struct SolverOptions: Sendable, Hashable {
    /// The unknown of the plain minimizers; nil is analysis. `MinimizerChoice.auto` chooses it itself, and takes none.
    public var formulation: Formulation?
    /// What minimizes the objective.
    public var minimizer: MinimizerChoice = .auto

    /// The budget of each image in evaluations of value and gradient, those of the line searches included.
    public var maximumEvaluations = 300
    /// The wall time of each solve in seconds, at the end of which its best point is the result (`StopReason.time`). It makes results depend
    /// on the machine and the moment.
    public var maximumSeconds = Double.infinity
    /// Stops when |gradient| <= this * |gradient at the start|.
    public var gradientTolerance = SolverOptions.plainTolerance
    /// Stops when the objective fell by no more than this part of itself in `progressWindow` iterates; 0 leaves the
    /// rule out. Nil is `preconditionedTolerance` for `MinimizerChoice.auto`, else `plainTolerance`.
    ///
    /// `MinimizerChoice.auto` takes an objective below lambda / `preconditionedTolerance` as that: with the standard tolerance it also stops
    /// where the objective fell by no more than lambda, the logarithm of the posterior density by no more than 1. That ends the solves with
    /// few measured numbers sooner.
    ///
    /// A solve for a window of a scene has at least the tolerance of its schedule (`Schedule.window`), unless one is given here.
    public var progressTolerance: Double?
    /// The accepted iterates that `progressTolerance` looks back.
    public var progressWindow = 10

    /// How many views of an image the result of `Restorer` is a mean of, from 1 to 16 (R. Timofte et al., "Seven ways to improve example-based single image
    /// super resolution", 2016). The prior does not judge an image and, say, its mirror image quite alike; where results err differently their mean errs less.
    ///
    /// A minimizer takes 1 or 2: it solves each measurement a second time, for the mirror image, left for right. The second solve begins where the first
    /// has ended, with its lambda. Both have the tolerance of these options, or where that is nil, and lambda is not searched for,
    /// `selfEnsembleTolerance`. A prior that is the density of noisy images takes each mean over all views: mirror images, left for right and top for bottom,
    /// that are moved against the grid of its squeezes (docs/solver.md).
    public var ensemble = 1

    /// Whether there is an ensemble; true is one of 2.
    public var selfEnsemble: Bool {
        get { ensemble > 1 }
        set { ensemble = newValue ? 2 : 1 }
    }

    /// The most views of an ensemble.
    public static let largestEnsemble = 16

    /// Adds -lambda log|det J_f(x)| to the objective: the full maximum a posteriori estimate. Analysis only.
    public var includeLogDeterminant = false

    /// The most images that are solved at once, and share each flow evaluation. Memory grows with it; the next image has to wait until
    /// one of them has ended.
    public var maximumBatch = 16

    /// The tolerance of plain minimizers.
    public static let plainTolerance = 1e-5
    /// A preconditioned solve has hardly anything left to gain where a plain one would still creep on.
    public static let preconditionedTolerance = 3e-4
    /// The tolerance of each of the two solves of a self-ensemble, where they are preconditioned: what the last steps of one gain is its own, and little
    /// of it is left in the mean.
    /// docs/measurements.md has what was tried.
    public static let selfEnsembleTolerance = 6e-4

    /// Whether the solve is one of the two of a self-ensemble: then the standard tolerance is `selfEnsembleTolerance`.
    package var isSelfEnsembleMember = false

    /// Makes the standard options.
    public init() {}
}

extension SolverOptions {
    /// - Throws: `SolverError.option` for the first option out of its range.
    public func validate() throws(SolverError) {
        try require(maximumEvaluations >= 1, "maximumEvaluations", maximumEvaluations, "at least 1")
        try require(maximumSeconds > 0, "maximumSeconds", maximumSeconds, "above 0")
        try require(
            (0 ..< 1).contains(gradientTolerance), "gradientTolerance", gradientTolerance, "at least 0 and below 1")
        let progress = resolvedProgressTolerance
        try require((0 ..< 1).contains(progress), "progressTolerance", progress, "at least 0 and below 1")
        try require((1 ... 100_000).contains(progressWindow), "progressWindow", progressWindow, "1 to 100000")
        try require((1 ... 4096).contains(maximumBatch), "maximumBatch", maximumBatch, "1 to 4096")
        try require((1 ... Self.largestEnsemble).contains(ensemble), "ensemble", ensemble, "1 to \(Self.largestEnsemble)")
        try require(
            !includeLogDeterminant || formulation != .synthesis, "includeLogDeterminant", includeLogDeterminant,
            "false in the synthesis formulation")
        switch minimizer {
        case .gradientDescent: break
        case .auto:
            try require(
                formulation == nil, "formulation", formulation.map { "\($0)" } ?? "", "nil with the minimizer auto, which chooses it")
        case .adam(let rate):
            try require(rate > 0 && rate.isFinite, "learningRate", rate, "a finite number above 0")
        case .gaussNewton(let tolerance, let products):
            try require(formulation != .synthesis, "formulation", "synthesis", "analysis with the minimizer gaussNewton")
            try require((0 ..< 1).contains(tolerance), "tolerance", tolerance, "at least 0 and below 1")
            try require((1 ... 100_000).contains(products), "products", products, "1 to 100000")
        case .lbfgs(let memory):
            try require((1 ... 1000).contains(memory), "memory", memory, "1 to 1000")
        }
    }

    /// Pairs of the inverse Hessian of `MinimizerChoice.auto`.
    private static let memory = 10

    private func require(_ holds: Bool, _ name: String, _ found: some CustomStringConvertible, _ required: String)
        throws(SolverError)
    {
        if !holds { throw SolverError.option(name: name, found: found.description, required: required) }
    }

    /// Whether `WienerPreconditioner` is used.
    package var isPreconditioned: Bool {
        switch minimizer {
        case .auto, .gaussNewton: true
        case .gradientDescent, .adam, .lbfgs: false
        }
    }

    /// Images that share an evaluation.
    func largestBatch(of problems: Int) -> Int {
        if case .gaussNewton = minimizer { return 1 }
        return min(maximumBatch, problems)
    }

    package var resolvedProgressTolerance: Double {
        if let progressTolerance { return progressTolerance }
        guard isPreconditioned else { return Self.plainTolerance }
        return isSelfEnsembleMember ? Self.selfEnsembleTolerance : Self.preconditionedTolerance
    }

    /// The chosen algorithm at the point `start`.
    ///
    /// - Parameters:
    ///   - memory: pairs of the inverse Hessian, where the choice does not say.
    ///   - loops: how its vectors are worked on.
    package func makeMinimizer(
        start: [Float], preconditioner: WienerPreconditioner? = nil, memory: Int? = nil, loops: VectorLoops = VectorLoops()
    ) -> any Minimizer {
        switch minimizer {
        // Gauss and Newton's method asks for more than values and gradients, and has a loop of its own.
        case .auto, .gaussNewton: LBFGS(start: start, memory: memory ?? Self.memory, preconditioner: preconditioner, loops: loops)
        case .gradientDescent: GradientDescent(start: start, loops: loops)
        case .adam(let rate): Adam(start: start, learningRate: rate, maximumEvaluations: maximumEvaluations, loops: loops)
        case .lbfgs(let memory): LBFGS(start: start, memory: memory, loops: loops)
        }
    }
}
