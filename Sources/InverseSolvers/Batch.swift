import GlowModel
import KernelInterface

/// The images that are being solved at once. Each iteration evaluates every lane, and moves members to the lane they then belong to.
struct Batch<Flow: NormalizingFlow> {
    let objective: Objective<Flow>
    let initializer: Initializer
    let problems: [InverseProblem]
    let options: SolverOptions
    let startsInGradientPrecision: Bool
    let parallelism: Parallelism
    /// When the traces' clock began.
    let began: ContinuousClock.Instant

    private let clock = ContinuousClock()
    private var lanes: [Lane] = []
    /// Problems before this one have entered the batch.
    private var entered = 0

    init(
        objective: Objective<Flow>, initializer: Initializer, problems: [InverseProblem], options: SolverOptions,
        startsInGradientPrecision: Bool,
        parallelism: Parallelism, began: ContinuousClock.Instant
    ) {
        self.objective = objective
        self.initializer = initializer
        self.problems = problems
        self.options = options
        self.startsInGradientPrecision = startsInGradientPrecision
        self.parallelism = parallelism
        self.began = began
    }

    private var count: Int { lanes.reduce(0) { $0 + $1.members.count } }
    private var recorder: PhaseRecorder? { parallelism.recorder }

    /// Solves all problems.
    ///
    /// - Throws: what `events` and the operators throw.
    mutating func run(_ events: SolverEvents) throws {
        try fill()
        var iterations = 0
        while count > 0 {
            try events.checkpoint?()
            iterations += 1
            let span = recorder?.begin(.iteration, number: iterations)
            for lane in lanes where !lane.members.isEmpty { try iterate(lane, events.onProgress) }
            span?.end()
            if lanes.contains(where: { $0.hasEnd }) {
                try retire(events)
                try fill()
            }
            for lane in lanes.indices where lanes[lane].hasStranger {
                let key = lanes[lane].key
                for member in lanes[lane].remove(where: { $0.key != key }) { add(member) }
            }
        }
    }

    /// One evaluation for every member of a lane.
    private func iterate(_ lane: Lane, _ onProgress: ((SolverProgress) throws -> Void)?) throws {
        objective.formulation = lane.key.formulation
        for (slot, member) in lane.members.enumerated() { objective.setUnknown(slot, to: member.solve.minimizer.trial) }
        objective.evaluate(lane.terms, isInGradientPrecision: lane.key.isInGradientPrecision)
        let n = objective.imageShape.count
        let loop = ReceivingLoop(
            members: lane.members, n: n, evaluations: objective.evaluations, images: objective.images,
            latents: objective.latents, gradients: objective.gradients, seconds: began.duration(to: clock.now).inSeconds)
        if VectorLoops.shares(n) {
            for slot in lane.members.indices { loop.run(task: slot, worker: 0) }
        } else {
            parallelism.forEach(lane.members.count, .minimizer, loop)
        }
        guard let onProgress else { return }
        for (slot, member) in lane.members.enumerated() {
            guard let entry = member.solve.newEntry else { continue }
            let image = objective.images[slot * n ..< (slot + 1) * n]
            try onProgress(SolverProgress(problem: problems[member.problem].id, entry: entry, image: image))
        }
    }

    /// Takes the members that stopped out of the batch, and delivers them.
    private mutating func retire(_ events: SolverEvents) throws {
        for lane in lanes.indices {
            for member in lanes[lane].remove(where: { $0.solve.stop != nil }) {
                let (problem, solve) = (problems[member.problem], member.solve)
                guard let stop = solve.stop else { continue }
                guard solve.best.imageIsFinite else {
                    try events.onEnd(problem.id, .failure(SolverError.startNotFinite(problem: problem.id)))
                    continue
                }
                let restoration = Restoration(
                    image: solve.bestImage.array, latent: solve.bestLatent.array, regularizationWeight: problem.regularizationWeight,
                    objective: solve.best.objective, dataFidelity: solve.best.dataFidelity, prior: solve.best.prior,
                    evaluations: solve.evaluations,
                    gradientPrecisionEvaluations: startsInGradientPrecision ? solve.gradientPrecisionEvaluations : nil,
                    passes: solve.passes, seconds: member.began.duration(to: clock.now).inSeconds, stop: stop.reason,
                    diagnosis: stop.diagnosis, trace: solve.trace)
                try events.onEnd(problem.id, .success(restoration))
            }
        }
    }

    /// Brings waiting problems in while there is room.
    private mutating func fill() throws {
        let newcomers = entered ..< min(entered + objective.capacity - count, problems.count)
        guard !newcomers.isEmpty else { return }
        let span = recorder?.begin(.start)
        defer { span?.end() }
        entered = newcomers.upperBound
        let began = clock.now
        let initialPoints = try initializer.initialPoints(of: Array(problems[newcomers]), objective)
        for (problem, initialPoint) in zip(newcomers, initialPoints) {
            let solve = ImageSolve(
                start: initialPoint.unknown, formulation: initialPoint.formulation, options: options,
                startsInGradientPrecision: startsInGradientPrecision,
                startPasses: initialPoint.passes, preconditioner: initialPoint.preconditioner,
                regularizationWeight: problems[problem].regularizationWeight, schedule: initialPoint.schedule,
                loops: VectorLoops(parallelism))
            add(Member(problem: problem, solve: solve, began: began))
        }
    }

    /// Puts a member into its lane.
    private mutating func add(_ member: Member) {
        let lane = lanes.firstIndex { $0.key == member.key } ?? lanes.endIndex
        if lane == lanes.endIndex { lanes.append(Lane(member.key)) }
        lanes[lane].add(member, problems[member.problem])
    }
}

/// Gives each member of a lane its evaluation. The minimizers work on their own vectors, so they run in parallel; those of large images share the
/// threads for each of their loops instead.
private struct ReceivingLoop: LoopBody {
    let members: [Member]
    /// Numbers of an image.
    let n: Int
    let evaluations: [Evaluation]
    let images: [Float]
    let latents: [Float]
    let gradients: [Float]
    let seconds: Double

    func run(task slot: Int, worker: Int) {
        let member = members[slot]
        gradients.withElements(at: slot * n) { member.solve.gradient.set(from: $0) }
        images.withElements(at: slot * n) { image in
            latents.withElements(at: slot * n) { latent in
                member.solve.receive(evaluations[slot], image: image, latent: latent, seconds: seconds)
            }
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
