import GlowModel
import KernelInterface

/// The entry of the module: restores images with a flow as the prior.
public enum Solver {
    /// Solves the problems, each on its own, with up to `options.maximumBatch` of them sharing every flow evaluation.
    ///
    /// When an image stops, the next problem takes its place. A result is the same to the last bit alone or in
    /// company, and for any number of threads. All problems have the same image shape; grouping by shape is the
    /// caller's work.
    ///
    /// `onProgress` is called on the calling thread, for each accepted iterate of each image.
    ///
    /// - Returns: one restoration for each problem, in their order. A solve that went wrong is no error: it ends with
    ///   a reason, a diagnosis and the best finite point.
    /// - Throws: `SolverError` for options or problems that are not valid, and for a start whose image is not finite;
    ///   what the flow throws for an image shape that it does not take. Then no result is returned for any problem.
    public static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], flow: Flow, options: SolverOptions = SolverOptions(), parallelism: Parallelism,
        onProgress: ((SolverProgress) -> Void)? = nil
    ) throws -> [Restoration] {
        try options.validate()
        let setup = parallelism.recorder?.begin(.setup)
        guard let first = problems.first else { return [] }
        let imageShape = first.forwardOperator.imageShape
        guard imageShape.channels > 0, imageShape.height > 0, imageShape.width > 0 else {
            throw SolverError.emptyImage(imageShape)
        }
        for (index, problem) in problems.enumerated() {
            try problem.validate(index: index, imageShape: imageShape)
        }
        let objective = try Objective(
            flow: flow, imageShape: imageShape,
            measurementCount: problems.map(\.measurement.count).max() ?? 0,
            capacity: min(options.maximumBatch, problems.count), formulation: options.formulation,
            includeLogDeterminant: options.includeLogDeterminant, parallelism: parallelism)
        setup?.end()
        var batch = Batch(objective: objective, problems: problems, options: options, recorder: parallelism.recorder)
        return try batch.run(onProgress: onProgress)
    }
}

/// An image that is being solved.
private struct Member {
    let problem: Int
    let solve: ImageSolve
    let startPasses: Int
    let began: ContinuousClock.Instant
}

/// The images that are being solved at once.
private struct Batch<Flow: NormalizingFlow> {
    let objective: Objective<Flow>
    let problems: [InverseProblem]
    let options: SolverOptions
    let recorder: PhaseRecorder?

    private let clock = ContinuousClock()
    private var members: [Member] = []
    /// The terms of the members, in their order.
    private var terms: [ObjectiveTerms] = []
    /// Problems before this one have entered the batch.
    private var entered = 0
    private var restorations: [(problem: Int, restoration: Restoration)] = []

    init(objective: Objective<Flow>, problems: [InverseProblem], options: SolverOptions, recorder: PhaseRecorder?) {
        self.objective = objective
        self.problems = problems
        self.options = options
        self.recorder = recorder
    }

    mutating func run(onProgress: ((SolverProgress) -> Void)?) throws -> [Restoration] {
        try fill()
        var iterations = 0
        while !members.isEmpty {
            iterations += 1
            let span = recorder?.begin(.iteration, number: iterations)
            for (slot, member) in members.enumerated() { objective.setUnknown(slot, to: member.solve.minimizer.trial) }
            objective.evaluate(terms)
            for slot in members.indices { try handBack(slot, onProgress) }
            span?.end()
            if members.contains(where: { $0.solve.stop != nil }) {
                retire()
                try fill()
            }
        }
        return restorations.sorted { $0.problem < $1.problem }.map(\.restoration)
    }

    /// Gives member `slot` its evaluation.
    private func handBack(_ slot: Int, _ onProgress: ((SolverProgress) -> Void)?) throws {
        let span = recorder?.begin(.minimizer)
        defer { span?.end() }
        let member = members[slot]
        let n = objective.imageShape.count
        let evaluation = objective.evaluations[slot]
        if member.solve.evaluations == 0, !evaluation.imageIsFinite {
            throw SolverError.startNotFinite(problem: member.problem)
        }
        objective.gradients.withElements(at: slot * n) { member.solve.gradient.set(from: $0) }
        let entry = objective.images.withElements(at: slot * n) { image in
            objective.latents.withElements(at: slot * n) { latent in
                member.solve.receive(evaluation, image: image, latent: latent, seconds: seconds(since: member.began))
            }
        }
        if let entry, let onProgress {
            let image = objective.images[slot * n ..< (slot + 1) * n]
            onProgress(SolverProgress(problem: member.problem, entry: entry, image: image))
        }
    }

    /// Takes the members that stopped out of the batch.
    private mutating func retire() {
        for member in members {
            let solve = member.solve
            guard let stop = solve.stop else { continue }
            let restoration = Restoration(
                image: solve.bestImage.array, latent: solve.bestLatent.array, objective: solve.best.objective,
                dataFidelity: solve.best.dataFidelity, prior: solve.best.prior, evaluations: solve.evaluations,
                passes: 2 * solve.evaluations + member.startPasses, seconds: seconds(since: member.began),
                stop: stop.reason, diagnosis: stop.diagnosis, trace: solve.trace)
            restorations.append((member.problem, restoration))
        }
        members.removeAll { $0.solve.stop != nil }
    }

    /// Brings waiting problems in while there is room.
    private mutating func fill() throws {
        let span = recorder?.begin(.start)
        defer { span?.end() }
        let newcomers = entered ..< min(entered + objective.capacity - members.count, problems.count)
        entered = newcomers.upperBound
        let began = clock.now
        let starts = try newcomers.map { try problems[$0].unresolvedStart(options.formulation) }
        var resolved = objective.unknowns(
            from: starts.compactMap { if case .otherSide(let point) = $0 { point } else { nil } })[...]
        for (problem, start) in zip(newcomers, starts) {
            let unknown: [Float]
            var passes = 0
            switch start {
            case .unknown(let point): unknown = point
            case .otherSide:
                unknown = resolved.removeFirst()
                passes = 1
            }
            members.append(
                Member(
                    problem: problem, solve: ImageSolve(start: unknown, options: options), startPasses: passes,
                    began: began))
        }
        terms = members.map { member in
            let problem = problems[member.problem]
            return (
                DataFidelity(forwardOperator: problem.forwardOperator, measurement: problem.measurement),
                LatentPrior(regularizationWeight: problem.regularizationWeight)
            )
        }
    }

    private func seconds(since instant: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = instant.duration(to: clock.now).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
