import ArgumentParser
import Reglow

/// Which algorithm minimizes the objective, and when it stops.
struct SolverArguments: ParsableArguments {
    @Option(
        help: """
            The minimizer. auto is preconditioned L-BFGS, which needs the fewest evaluations and chooses the unknown itself; the others are \
            plain L-BFGS, Adam and gradient descent in the image or the latent, and the method of Gauss and Newton in the image.
            """)
    var solver: Algorithm?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most evaluations of objective and gradient for an image, those of line searches included.", valueName: "count"))
    var maxEvaluations = SolverOptions().maximumEvaluations

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Stop when the gradient has shrunk to this part of what it was at the start, or when the objective fell by no more than \
            this part of itself in ten steps; with --solver auto also, at its default tolerance, when it fell by no more than lambda, and \
            in proportion at others. 0 uses all evaluations. (default: \(SolverOptions.preconditionedTolerance) with --solver auto, \
            \(SolverOptions.selfEnsembleTolerance) with an ensemble and no search for the weight too, else \(SolverOptions.plainTolerance))
            """, valueName: "tolerance"))
    var tolerance: Double?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Maximize the density of the image, not of its latent: adds -weight log|det J_f| to the objective. For a prior with additive \
            coupling that is a constant.
            """)
    var fullMap = false

    @Option(
        help: ArgumentHelp(
            """
            Take the mean over so many views of the image, from 1 to \(SolverOptions.largestEnsemble): nearer to the truth. A prior of noisy images, as that of \
            photographs is, takes them in turns and, several at once, in its last steps: denoising takes that many evaluations. A minimizer takes 1 or 2: it solves \
            each measurement a second time, for the mirror image, from the first solution, for about 1.2 times the evaluations, since both solves end earlier \
            (--tolerance).
            """, valueName: "views"))
    var ensemble = 1

    @Flag(inversion: .prefixedNo, help: "The same as --ensemble 2.")
    var selfEnsemble = false

    /// Views of the image.
    var views: Int { max(ensemble, selfEnsemble ? 2 : 1) }

    enum Algorithm: String, CaseIterable, ExpressibleByArgument, Encodable {
        case auto, lbfgs, adam, gd
        case gaussNewton = "gauss-newton"
    }

    func validate() throws {
        try require(maxEvaluations >= 1, "--max-evaluations is \(maxEvaluations), but must be at least 1")
        try require(
            (1 ... SolverOptions.largestEnsemble).contains(ensemble),
            "--ensemble is \(ensemble), but must be from 1 to \(SolverOptions.largestEnsemble)")
        if let tolerance {
            try require((0 ..< 1).contains(tolerance), "--tolerance is \(tolerance), but must be at least 0 and below 1")
        }
    }

    /// How to restore where the user named this formulation, or none.
    ///
    /// - Throws: `ValidationError` for a formulation together with `--solver auto`.
    func approach(_ method: Formulation?) throws -> Approach {
        try require(method == nil || solver != .auto, "--solver auto chooses the method itself: leave out one of --method and --solver")
        try require(solver != .gaussNewton || method != .synthesis, "--solver gauss-newton works on the image: --method analysis")
        try require(!fullMap || method != .synthesis, "--full-map is a term in the image: leave out --method synthesis")
        if solver == nil || solver == .auto, method == nil { return .auto }
        return Approach(method ?? .analysis)
    }

    /// What a comparison shows: both formulations by the plain solver, before them auto. With `--solver` only what it names.
    var approaches: [Approach] {
        switch solver {
        case nil: [.auto, .analysis, .synthesis]
        case .auto: [.auto]
        case .gaussNewton: [.analysis]
        case .lbfgs, .adam, .gd: [.analysis, .synthesis]
        }
    }

    /// The algorithm that an approach runs.
    func algorithm(_ approach: Approach) -> Algorithm {
        approach == .auto ? .auto : solver ?? .lbfgs
    }

    /// Makes a restorer solve as an approach does.
    func configure(_ restorer: inout Restorer, _ approach: Approach) {
        restorer.options = options(approach)
    }

    func options(_ approach: Approach) -> SolverOptions {
        var options = SolverOptions()
        options.minimizer =
            switch algorithm(approach) {
            case .auto: .auto
            case .gaussNewton: .gaussNewton()
            case .gd: .gradientDescent
            case .adam: .adam()
            case .lbfgs: .lbfgs()
            }
        options.includeLogDeterminant = fullMap && approach != .synthesis
        if let formulation = approach.formulation { options.formulation = formulation }
        options.maximumEvaluations = maxEvaluations
        if let tolerance {
            options.gradientTolerance = tolerance
            options.progressTolerance = tolerance
        }
        options.ensemble = views
        return options
    }
}
