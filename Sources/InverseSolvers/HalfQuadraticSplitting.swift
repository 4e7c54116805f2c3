import ForwardOperators
import GlowModel
import KernelInterface

/// Restores an image by a flow that is the density of noisy images, in few evaluations. Steps that fit the data take turns with steps of the prior,
/// which sees less noise each time (`AnnealedNoise`):
///
///     x_k = argmin |A x - y|^2 + rho_k |x - z_{k-1}|^2,    rho_k = 0.23 sigma^2 / s_k^2
///     z_k = x_k + s_k^2 grad log p_{s_k}(x_k)
///
/// Source: half-quadratic splitting with a denoiser (K. Zhang et al., "Plug-and-play image restoration with deep denoiser prior", 2021, equations 6
/// and 8, and its rho); here the denoiser is the mean of the clean image under the density itself (`PosteriorMean`), the same flow for all s_k. The
/// prior does not judge an image and its mirror images quite alike, so it sees it as it is, mirrored, upside down and both in turns; an ensemble of views is
/// for the last step, which takes the mean over it.
///
/// There is no single objective that falls: the result is the last z, or the last x where the measurement has less noise than the prior knows.
package final class HalfQuadraticSplitting<Flow: NormalizingFlow> {
    private let means: PosteriorMean<Flow>
    private let levels: NoiseLevels
    private let imageShape: ImageShape
    private let parallelism: Parallelism
    private let reportsGradientPrecision: Bool
    private let views: [PriorView]

    /// The factor of rho: Zhang et al. have it for all problems, and so has `docs/solver.md`.
    static var weight: Double { 0.23 }

    /// - Parameters:
    ///   - gradientPrecisionFlow: computes the products with the Jacobian; nil is `flow` itself.
    ///   - imageShape: of the unknown.
    ///   - views: an ensemble (`PriorView.ensemble`).
    /// - Throws: what the flow throws for a shape that it does not take.
    package init(
        _ flow: Flow, gradientPrecisionFlow: Flow? = nil, levels: NoiseLevels, imageShape: ImageShape, parallelism: Parallelism,
        views: [PriorView] = [.identity]
    ) throws {
        means = try PosteriorMean(
            flow, gradientPrecisionFlow: gradientPrecisionFlow, imageShape: imageShape, parallelism: parallelism)
        self.levels = levels
        self.imageShape = imageShape
        self.parallelism = parallelism
        self.views = views
        reportsGradientPrecision = gradientPrecisionFlow != nil
    }

    /// The restoration of one problem, whose lambda is the variance of its noise. Evaluations, time and state are those of any solve; tolerances are
    /// not asked.
    ///
    /// - Throws: `SolverError` for a problem that is not valid; what the events and the operator throw; `SolveStateError` for the state of another
    ///   solve.
    package func restore(_ request: SolveRequest, _ events: SolverEvents) throws -> Restoration {
        try request.validate(imageShape: imageShape)
        let began = ContinuousClock.now
        let (problem, options) = (request.problem, request.options)
        let last = levels.leastDeviation(for: problem.regularizationWeight.squareRoot())
        let members = Array(views.prefix(options.maximumEvaluations))
        let noise = AnnealedNoise(
            last: last, hasGaps: problem.lacksSome, startsAtImage: problem.startsAtImage,
            most: options.maximumEvaluations - (members.count - 1))
        let endsInData = problem.regularizationWeight.squareRoot() < last
        // Where the result is a step of the data it is that of the mean before.
        let meanOfAll = max(0, noise.deviations.count - (endsInData ? 2 : 1))
        let start = parallelism.recorder?.begin(.start)
        let data = try ProximalDataStep(problem, parallelism: parallelism)
        var iterate = Iterate(image: [], trace: Trace(), step: 0)
        if let state = request.state {
            iterate = try Iterate(resuming: state, count: imageShape.count, steps: noise.deviations.count)
        } else {
            iterate.image = try firstImage(of: problem, data)
        }
        _ = iterate.image.withUnsafeBufferPointer { $0.baseAddress.map { data.evaluate(at: $0) } }
        start?.end()
        var stop = Stop(.schedule)
        var saved = began
        while iterate.step < noise.deviations.count {
            do {
                try events.checkpoint?()
            } catch {
                try events.onSave?(problem.id, began.duration(to: .now).inSeconds) { iterate.state }
                throw error
            }
            let isLast = iterate.step == noise.deviations.count - 1
            let views = iterate.step == meanOfAll ? members : [.identity]
            // The last step sees the image as it is: its latent is that of the result.
            let left = noise.deviations.count - 1 - iterate.step
            let turn = PriorView(isMirrored: left & 1 != 0, isFlipped: left & 2 != 0)
            let next = advance(
                iterate, data, problem, deviation: noise.deviations[iterate.step], views: views.map { $0.after(turn) },
                endsInData: endsInData && isLast)
            let seconds = began.duration(to: .now).inSeconds
            guard let image = next.image else {
                stop = Stop(.diverged, "evaluation \(iterate.evaluations + 1): \(next.evaluation.fault)")
                break
            }
            iterate.take(image, next.evaluation, views: views.count, seconds: seconds)
            if let entry = iterate.trace.entries.last {
                try events.onProgress?(SolverProgress(problem: problem.id, entry: entry, image: iterate.image[...]))
            }
            if !isLast, events.isTimeUp?() == true || seconds >= options.maximumSeconds {
                stop = Stop(.time)
                break
            }
            if !isLast, let onSave = events.onSave, saved.duration(to: .now).inSeconds >= events.saveSeconds {
                try onSave(problem.id, seconds) { iterate.state }
                saved = .now
            }
        }
        if stop.reason == .schedule, noise.isShortened || members.count < views.count { stop = Stop(.budget) }
        return restoration(of: problem, iterate, stop, seconds: began.duration(to: .now).inSeconds)
    }

    /// One step of the data and one of the prior. The image is nil where a number is not finite.
    private func advance(
        _ iterate: Iterate, _ data: ProximalDataStep, _ problem: InverseProblem, deviation: Double, views: [PriorView], endsInData: Bool
    ) -> (image: [Float]?, evaluation: Evaluation) {
        let span = parallelism.recorder?.begin(.iteration, number: iterate.step + 1)
        defer { span?.end() }
        let variance = max(problem.regularizationWeight, Self.leastVariance)
        let squared = deviation * deviation
        var image = iterate.image
        var evaluation = Evaluation()
        evaluation.gradientPrecision = means.gradientPrecision
        evaluation.imageIsFinite = image.withUnsafeMutableBufferPointer { data.move($0, weight: Self.weight * variance / squared) }
        guard evaluation.imageIsFinite else { return (nil, evaluation) }
        let fitting = endsInData ? image : []
        let surprise = image.withUnsafeMutableBufferPointer {
            means.move($0, variance: squared, gain: levels.gain(for: deviation), views: views)
        }
        evaluation.prior = variance * surprise.negativeLogDensity
        evaluation.gradientNorm = surprise.squaredChange.squareRoot()
        evaluation.imageIsFinite = image.allSatisfy(\.isFinite)
        if endsInData { image = fitting }
        evaluation.dataFidelity = image.withUnsafeBufferPointer { $0.baseAddress.map { data.evaluate(at: $0) } ?? 0 }
        return (evaluation.isFinite ? image : nil, evaluation)
    }

    /// The start that is asked for; else of an operator that selects pixels these, with gaps filled from around them; else the mean of what photographs
    /// have in common, given a measurement with the noise of the first step. With less noise the border of a window would come out sharp, and
    /// wrong, and stay.
    private func firstImage(of problem: InverseProblem, _ data: ProximalDataStep) throws -> [Float] {
        if problem.start != nil, case .unknown(let image) = try problem.unresolvedStart(.analysis) { return image }
        if data.selectsPixels { return try filledAdjoint(of: problem) }
        let preconditioner = try WienerPreconditioner(
            try StationaryPrior(ofNaturalImages: imageShape), forwardOperator: problem.forwardOperator,
            regularizationWeight: max(problem.regularizationWeight, AnnealedNoise.first * AnnealedNoise.first), parallelism: parallelism)
        return try preconditioner.posteriorMean(of: problem.measurement) ?? [Float](repeating: 0, count: imageShape.count)
    }

    private func filledAdjoint(of problem: InverseProblem) throws -> [Float] {
        let forwardOperator = problem.forwardOperator
        let known = try forwardOperator.adjoint(problem.measurement)
        let ones = forwardOperator.measuredEntries().map { $0 ? Float(1) : 0 }
        let weights = try forwardOperator.adjoint(ones).map { min(max($0, 0), 1) }
        return (0 ..< imageShape.channels).flatMap { channel in
            let range = channel * imageShape.pixels ..< (channel + 1) * imageShape.pixels
            return PullPush.fill(
                Array(known[range]), weights: Array(weights[range]), height: imageShape.height, width: imageShape.width)
        }
    }

    /// Less is taken as this, so that the steps of the data stay well posed: half a step of 8 bits.
    private static var leastVariance: Double { 4e-6 }

    private func restoration(of problem: InverseProblem, _ iterate: Iterate, _ stop: Stop, seconds: Double) -> Restoration {
        let entry = iterate.trace.entries.last
        return Restoration(
            image: iterate.image, latent: means.latent, regularizationWeight: problem.regularizationWeight,
            objective: entry?.objective ?? 0, dataFidelity: entry?.dataFidelity ?? 0, prior: entry?.prior ?? 0,
            evaluations: iterate.evaluations, gradientPrecisionEvaluations: reportsGradientPrecision ? iterate.evaluations : nil,
            passes: 2 * iterate.evaluations, seconds: seconds, stop: stop.reason, diagnosis: stop.diagnosis, trace: iterate.trace)
    }
}

/// Where a splitting is.
private struct Iterate {
    var image: [Float]
    var trace: Trace
    /// Steps that were taken.
    var step: Int

    /// Evaluations of the flow: one for each view of a step.
    var evaluations: Int { trace.entries.last?.evaluation ?? 0 }

    mutating func take(_ image: [Float], _ evaluation: Evaluation, views: Int, seconds: Double) {
        let count = evaluations + views
        self.image = image
        step += 1
        trace.entries.append(
            Trace.Entry(
                evaluation: count, passes: 2 * count, objective: evaluation.objective, dataFidelity: evaluation.dataFidelity,
                prior: evaluation.prior, gradientNorm: evaluation.gradientNorm, step: 1, seconds: seconds, unknown: .analysis,
                gradientPrecision: evaluation.gradientPrecision))
    }

    var state: SolveState {
        var state = SolveState()
        state.set("step", Double(step))
        state.vectors["image"] = image
        state.add(trace.state, as: "trace")
        return state
    }

    init(image: [Float], trace: Trace, step: Int) { (self.image, self.trace, self.step) = (image, trace, step) }

    /// - Throws: `SolveStateError`.
    init(resuming state: SolveState, count: Int, steps: Int) throws(SolveStateError) {
        step = try state.count("step")
        guard step <= steps else { throw SolveStateError(name: "step") }
        image = try state.vector("image", count: count)
        guard let part = state.part("trace") else { throw SolveStateError(name: "trace") }
        trace = try Trace(resuming: part)
    }
}

extension InverseProblem {
    fileprivate var startsAtImage: Bool { if case .image = start { true } else { false } }

    /// Whether pixels of the image that is asked for are not measured.
    fileprivate var lacksSome: Bool {
        forwardOperator.measuredPixels().contains(false) || measurement.count < (wantedCount ?? forwardOperator.imageShape.count)
    }
}
