import ForwardOperators
import GlowModel
import KernelInterface

/// Says where solves begin.
///
/// Plain minimizers begin at the start of their problem. `MinimizerChoice.auto` begins, where the problem names no start, from the
/// image that the stationary prior would restore. That has the measured parts right and is smooth elsewhere, but no face; its
/// latent, contracted, is nearer to the prior's mode, and is where the solve begins in the latent:
///
///     z0 = c f(mean + H0 A'(y - A mean)),    c = the contraction of `Schedule.standard`
///
/// Where nothing is missing, as in denoising and deblurring, the latent has nothing to find: the solve begins at that image, in the
/// image, which saves passes (docs/measurements.md).
///
/// Where all that is wanted of the image is measured, but it has surroundings that are not, as a window of a scene has, the solve begins in
/// the latent too: from the image the surroundings are slow to find, and the window becomes worse. Its schedule is `Schedule.window`.
///
/// Pixels that are missing here and there only (`ForwardOperator.lacksScatteredPixelsOnly`), dead ones for example, count as measured: the
/// smooth image has them right, nearly. Into patches it brings nothing that a prior would call likely, and from there the solve ends in a poor
/// minimum. docs/missing-pixels.md has the measurements.
///
/// Where the problem names an image as its start, the solve begins at it, in the image.
struct Initializer {
    /// Says where the solve of one problem begins.
    struct InitialPoint {
        var unknown: [Float]
        var formulation: Formulation
        /// Passes of the flow spent so far.
        var passes: Int
        var preconditioner: WienerPreconditioner?
        /// The schedule of a preconditioned solve; nil for the others.
        var schedule: Schedule?
    }

    private let parallelism: Parallelism
    private let covariances = MeasurementCovariances()
    /// This is nil for plain minimizers, and for a flow that gives no finite images.
    let stationaryPrior: StationaryPrior?
    /// Passes of the flow that fitting it took.
    private let fittingPasses: Int

    /// - Parameter fitted: the stationary prior, where it is known from earlier; it depends on the flow and the image shape alone.
    /// - Throws: what the flow throws for a shape that it does not take, `OperatorError` when FFTW has no plan for it.
    init<Flow: NormalizingFlow>(
        _ flow: Flow, imageShape: ImageShape, options: SolverOptions, fitted: StationaryPrior?, parallelism: Parallelism
    ) throws {
        self.parallelism = parallelism
        guard options.isPreconditioned, fitted == nil else {
            stationaryPrior = options.isPreconditioned ? fitted : nil
            fittingPasses = 0
            return
        }
        let prior = try StationaryPrior(flow, imageShape: imageShape, parallelism: parallelism)
        fittingPasses = prior.passes
        stationaryPrior = prior.isFinite ? prior : nil
    }

    /// Returns the initial points of some problems, at most as many as the objective has room for.
    ///
    /// - Throws: what the operators throw; nothing for problems that were validated.
    func initialPoints<Flow: NormalizingFlow>(of requests: [SolveRequest], _ objective: Objective<Flow>) throws -> [InitialPoint] {
        let covariances = try requests.map { try covariance(for: $0.problem) }
        let isShared = !requests.contains { $0.problem.forwardOperator.staysOnCallingThread }
        var initialPoints = try map(requests.indices, isShared: isShared) {
            try initialPoint(of: requests[$0].problem, requests[$0].options, covariances[$0])
        }
        for formulation in Formulation.allCases {
            let waiting = initialPoints.indices.filter {
                initialPoints[$0].otherSide && initialPoints[$0].initialPoint.formulation == formulation
            }
            guard !waiting.isEmpty else { continue }
            objective.formulation = formulation
            let unknowns = objective.unknowns(from: waiting.map { initialPoints[$0].initialPoint.unknown })
            for (index, unknown) in zip(waiting, unknowns) {
                initialPoints[index].initialPoint.unknown = initialPoints[index].contraction.map { contracted(unknown, by: $0) } ?? unknown
                initialPoints[index].initialPoint.passes += 1
            }
        }
        for index in requests.indices where !requests[index].isFollower { initialPoints[index].initialPoint.passes += fittingPasses }
        return initialPoints.map(\.initialPoint)
    }

    /// An initial point whose unknown may still be on the other side of the flow.
    private struct Unresolved {
        var initialPoint: InitialPoint
        var otherSide: Bool
        /// What the unknown is to be multiplied with once it is known.
        var contraction: Float?
    }

    /// Returns nil where the preconditioner does without.
    private func covariance(for problem: InverseProblem) throws -> MeasurementCovariance? {
        guard let stationaryPrior, let rows = (problem.forwardOperator as? any MatrixBackedOperator)?.rows else { return nil }
        return try covariances.covariance(
            stationaryPrior, rows: rows, regularizationWeight: problem.regularizationWeight, parallelism: parallelism)
    }

    private func initialPoint(
        of problem: InverseProblem, _ options: SolverOptions, _ covariance: MeasurementCovariance?
    ) throws -> Unresolved {
        guard let stationaryPrior else {
            return try plainInitialPoint(of: problem, options.formulation ?? .analysis)
        }
        let begin = options.minimizer == .auto && !options.includeLogDeterminant ? Formulation.synthesis : .analysis
        let shape = problem.forwardOperator.imageShape
        let wanted = problem.wantedCount ?? shape.count
        let isMissingSome =
            problem.forwardOperator.measurementShape.count < wanted || !problem.forwardOperator.lacksScatteredPixelsOnly
        let schedule = (wanted < shape.count && !isMissingSome ? Schedule.window : .standard)
            .forCanvas(of: shape, gaps: problem.forwardOperator.gaps)
            .within(maximumEvaluations: options.maximumEvaluations)
        let preconditioner = try WienerPreconditioner(
            stationaryPrior, forwardOperator: problem.forwardOperator, regularizationWeight: problem.regularizationWeight,
            covariance: covariance, tolerance: schedule.inverseTolerance,
            parallelism: VectorLoops.shares(problem.forwardOperator.imageShape.count) ? parallelism : .serial)
        var result: Unresolved
        switch problem.start {
        case nil:
            let image = try preconditioner.posteriorMean(of: problem.measurement)
            let begin = isMissingSome || wanted < shape.count || image == nil ? begin : .analysis
            result = Unresolved(
                initialPoint: InitialPoint(unknown: image ?? stationaryPrior.mean, formulation: begin, passes: 0),
                otherSide: begin == .synthesis, contraction: begin == .synthesis ? schedule.contraction : nil)
        case .image, .normalizedAdjoint: result = try plainInitialPoint(of: problem, .analysis)
        case .zero, .random: result = try plainInitialPoint(of: problem, begin)
        }
        result.initialPoint.preconditioner = preconditioner
        result.initialPoint.schedule = schedule
        return result
    }

    private func plainInitialPoint(of problem: InverseProblem, _ formulation: Formulation) throws -> Unresolved {
        switch try problem.unresolvedStart(formulation) {
        case .unknown(let point):
            Unresolved(initialPoint: InitialPoint(unknown: point, formulation: formulation, passes: 0), otherSide: false)
        case .otherSide(let point):
            Unresolved(initialPoint: InitialPoint(unknown: point, formulation: formulation, passes: 0), otherSide: true)
        }
    }

    /// The mode of the prior where the latent is not finite.
    private func contracted(_ latent: [Float], by contraction: Float) -> [Float] {
        let result = latent.map { $0 * contraction }
        return result.allSatisfy { $0.isFinite } ? result : [Float](repeating: 0, count: latent.count)
    }

    /// - Parameter isShared: false where the calling thread is to do all.
    private func map<Result>(_ indices: Range<Int>, isShared: Bool, _ body: (Int) throws -> Result) throws -> [Result] {
        // The loops of a large image share the threads themselves.
        let isSerial = !isShared || stationaryPrior.map { VectorLoops.shares($0.imageShape.count) } == true
        return try (isSerial ? .serial : parallelism).map(indices.count, .initialPoint, body)
    }
}

extension ForwardOperator {
    /// What a measurement lacks of its pixels.
    fileprivate var gaps: Schedule.Gaps { !measuredPixels().contains(false) ? .none : lacksPatches ? .patches : .scattered }
}
