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
    /// With a `gradientFlow`, the same model in a lower precision, the products with the Jacobian in the gradients are its own
    /// until their errors hinder the solve (`StallRule`), each image by its own measure. Values are those of `flow` always,
    /// and so is the result.
    ///
    /// `onProgress` is called on the calling thread, for each accepted iterate of each image.
    ///
    /// - Returns: one restoration for each problem, in their order. A solve that went wrong is no error: it ends with
    ///   a reason, a diagnosis and the best finite point.
    /// - Throws: `SolverError` for options, problems or a gradient flow that are not valid, and for a start whose image is
    ///   not finite; what the flow throws for an image shape that it does not take. Then no result is returned for any
    ///   problem.
    public static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], flow: Flow, gradientFlow: Flow? = nil, options: SolverOptions = SolverOptions(),
        parallelism: Parallelism, onProgress: ((SolverProgress) -> Void)? = nil
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
        if let gradientFlow, !gradientFlow.sharesPoints(with: flow) { throw SolverError.gradientFlow }
        let objective = try Objective(
            flow: flow, roughFlow: gradientFlow, imageShape: imageShape,
            measurementCount: problems.map(\.measurement.count).max() ?? 0,
            capacity: min(options.maximumBatch, problems.count), formulation: options.formulation,
            includeLogDeterminant: options.includeLogDeterminant, parallelism: parallelism)
        setup?.end()
        let lanes = (gradientFlow == nil ? [false] : [true, false]).map { Lane(isRough: $0) }
        var batch = Batch(
            objective: objective, lanes: lanes, problems: problems, options: options, recorder: parallelism.recorder)
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

/// Images that share evaluations, all with rough gradients or all with exact ones.
private struct Lane {
    let isRough: Bool
    private(set) var members: [Member] = []
    /// The terms of the members, in their order.
    private(set) var terms: [ObjectiveTerms] = []

    init(isRough: Bool) {
        self.isRough = isRough
    }

    /// Whether a member stopped.
    var hasEnd: Bool { members.contains { $0.solve.stop != nil } }

    /// Whether a member wants better gradients than those of the lane.
    var hasStall: Bool { isRough && members.contains { !$0.solve.wantsRoughGradient } }

    mutating func add(_ newcomers: [Member], _ problems: [InverseProblem]) {
        members += newcomers
        terms += newcomers.map { member in
            let problem = problems[member.problem]
            return (
                DataFidelity(forwardOperator: problem.forwardOperator, measurement: problem.measurement),
                LatentPrior(regularizationWeight: problem.regularizationWeight)
            )
        }
    }

    /// Takes out the members for which the condition holds.
    mutating func remove(where condition: (Member) -> Bool) -> [Member] {
        let removed = members.filter(condition)
        terms = zip(members, terms).filter { !condition($0.0) }.map(\.1)
        members.removeAll(where: condition)
        return removed
    }
}

/// The images that are being solved at once. A solve begins in the first lane, and moves on to the next where it wants better
/// gradients; those of the last lane are exact.
private struct Batch<Flow: NormalizingFlow> {
    let objective: Objective<Flow>
    let problems: [InverseProblem]
    let options: SolverOptions
    let recorder: PhaseRecorder?

    private let clock = ContinuousClock()
    private var lanes: [Lane]
    /// Problems before this one have entered the batch.
    private var entered = 0
    private var restorations: [(problem: Int, restoration: Restoration)] = []

    init(
        objective: Objective<Flow>, lanes: [Lane], problems: [InverseProblem], options: SolverOptions,
        recorder: PhaseRecorder?
    ) {
        self.objective = objective
        self.lanes = lanes
        self.problems = problems
        self.options = options
        self.recorder = recorder
    }

    private var count: Int { lanes.reduce(0) { $0 + $1.members.count } }

    mutating func run(onProgress: ((SolverProgress) -> Void)?) throws -> [Restoration] {
        try fill()
        var iterations = 0
        while count > 0 {
            iterations += 1
            let span = recorder?.begin(.iteration, number: iterations)
            for lane in lanes where !lane.members.isEmpty { try iterate(lane, onProgress) }
            span?.end()
            for lane in lanes.indices where lanes[lane].hasStall {
                lanes[lane + 1].add(lanes[lane].remove { !$0.solve.wantsRoughGradient }, problems)
            }
            if lanes.contains(where: { $0.hasEnd }) {
                retire()
                try fill()
            }
        }
        return restorations.sorted { $0.problem < $1.problem }.map(\.restoration)
    }

    /// One evaluation for every member of a lane.
    private func iterate(_ lane: Lane, _ onProgress: ((SolverProgress) -> Void)?) throws {
        for (slot, member) in lane.members.enumerated() { objective.setUnknown(slot, to: member.solve.minimizer.trial) }
        objective.evaluate(lane.terms, isRough: lane.isRough)
        for (slot, member) in lane.members.enumerated() { try handBack(slot, member, onProgress) }
    }

    /// Gives the member its evaluation, which is number `slot` of the objective.
    private func handBack(_ slot: Int, _ member: Member, _ onProgress: ((SolverProgress) -> Void)?) throws {
        let span = recorder?.begin(.minimizer)
        defer { span?.end() }
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
        for lane in lanes.indices {
            for member in lanes[lane].remove(where: { $0.solve.stop != nil }) {
                let solve = member.solve
                guard let stop = solve.stop else { continue }
                let restoration = Restoration(
                    image: solve.bestImage.array, latent: solve.bestLatent.array, objective: solve.best.objective,
                    dataFidelity: solve.best.dataFidelity, prior: solve.best.prior, evaluations: solve.evaluations,
                    roughEvaluations: lanes.count > 1 ? solve.roughEvaluations : nil,
                    passes: 2 * solve.evaluations + member.startPasses, seconds: seconds(since: member.began),
                    stop: stop.reason, diagnosis: stop.diagnosis, trace: solve.trace)
                restorations.append((member.problem, restoration))
            }
        }
    }

    /// Brings waiting problems into the first lane while there is room.
    private mutating func fill() throws {
        let span = recorder?.begin(.start)
        defer { span?.end() }
        let newcomers = entered ..< min(entered + objective.capacity - count, problems.count)
        entered = newcomers.upperBound
        let began = clock.now
        let starts = try newcomers.map { try problems[$0].unresolvedStart(options.formulation) }
        var resolved = objective.unknowns(
            from: starts.compactMap { if case .otherSide(let point) = $0 { point } else { nil } })[...]
        let members = zip(newcomers, starts).map { problem, start in
            let (unknown, passes) =
                switch start {
                case .unknown(let point): (point, 0)
                case .otherSide: (resolved.removeFirst(), 1)
                }
            let solve = ImageSolve(start: unknown, options: options, startsRough: lanes.count > 1)
            return Member(problem: problem, solve: solve, startPasses: passes, began: began)
        }
        lanes[0].add(members, problems)
    }

    private func seconds(since instant: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = instant.duration(to: clock.now).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
