import GlowModel
import KernelInterface

/// The images that are being solved at once. Each iteration evaluates every lane, and moves members to the lane they then belong to.
struct Batch<Flow: NormalizingFlow> {
    let objective: Objective<Flow>
    let initializer: Initializer
    let startsInGradientPrecision: Bool
    let parallelism: Parallelism
    /// When the call began, which the first solves count as theirs.
    let began: ContinuousClock.Instant

    private let clock = ContinuousClock()
    private var queue: SolveQueue
    private var lanes: [Lane] = []
    private var isFirst = true

    init(
        objective: Objective<Flow>, initializer: Initializer, queue: SolveQueue, startsInGradientPrecision: Bool, parallelism: Parallelism,
        began: ContinuousClock.Instant
    ) {
        self.objective = objective
        self.initializer = initializer
        self.queue = queue
        self.startsInGradientPrecision = startsInGradientPrecision
        self.parallelism = parallelism
        self.began = began
    }

    private var count: Int { lanes.reduce(0) { $0 + $1.members.count } }
    private var recorder: PhaseRecorder? { parallelism.recorder }

    /// Solves all problems of the queue.
    ///
    /// - Throws: what `events`, the queue and the operators throw.
    mutating func run(_ events: SolverEvents) throws {
        try fill(events)
        var iterations = 0
        while count > 0 {
            do {
                try events.checkpoint?()
            } catch {
                try save(events, all: true)
                throw error
            }
            let isTimeUp = events.isTimeUp?() == true
            iterations += 1
            let span = recorder?.begin(.iteration, number: iterations)
            for lane in lanes where !lane.members.isEmpty { try iterate(lane, events.onProgress, isTimeUp: isTimeUp) }
            span?.end()
            if lanes.contains(where: { $0.hasEnd }) { try retire(events) }
            for lane in lanes.indices where lanes[lane].hasStranger {
                let key = lanes[lane].key
                for member in lanes[lane].remove(where: { $0.key != key }) { add(member) }
            }
            if count < objective.capacity { try fill(events) }
            try save(events, all: false)
        }
    }

    /// One evaluation for every member of a lane.
    private func iterate(_ lane: Lane, _ onProgress: ((SolverProgress) throws -> Void)?, isTimeUp: Bool) throws {
        objective.formulation = lane.key.formulation
        for (slot, member) in lane.members.enumerated() { objective.setUnknown(slot, to: member.solve.minimizer.trial) }
        objective.evaluate(lane.terms, isInGradientPrecision: lane.key.isInGradientPrecision)
        let n = objective.imageShape.count
        let now = clock.now
        let loop = ReceivingLoop(
            members: lane.members, n: n, evaluations: objective.evaluations, images: objective.images,
            latents: objective.latents, gradients: objective.gradients, now: now)
        if VectorLoops.shares(n) || lane.staysOnCallingThread {
            for slot in lane.members.indices { loop.run(task: slot, worker: 0) }
        } else {
            parallelism.forEach(lane.members.count, .minimizer, loop)
        }
        for member in lane.members where isTimeUp || member.seconds(at: now) >= member.request.options.maximumSeconds {
            member.solve.endForTime()
        }
        guard let onProgress else { return }
        for (slot, member) in lane.members.enumerated() {
            guard let entry = member.solve.newEntry else { continue }
            let image = objective.images[slot * n ..< (slot + 1) * n]
            try onProgress(SolverProgress(problem: member.id, entry: entry, image: image))
        }
    }

    /// Takes the members that stopped out of the batch, and delivers them.
    private mutating func retire(_ events: SolverEvents) throws {
        for lane in lanes.indices {
            for member in lanes[lane].remove(where: { $0.solve.stop != nil }) {
                guard let result = restoration(of: member) else { continue }
                if let follower = try events.onEnd(member.id, result) { queue.add(follower) }
            }
        }
    }

    /// Standard deviations within which the numbers of a latent are that of any picture a prior knows.
    private static var usualLatent: Float { 20 }

    /// The result of a member that stopped.
    private func restoration(of member: Member) -> Result<Restoration, any Error>? {
        let solve = member.solve
        guard let stop = solve.stop else { return nil }
        guard solve.best.imageIsFinite else { return .failure(SolverError.startNotFinite(problem: member.id)) }
        let (image, latent) = (solve.bestImage.array, solve.bestLatent.array)
        // The last evaluations of the other members are taken in by now, so that the objective is free.
        let span = recorder?.begin(.wayBack)
        let uprightness =
            stop.reason != .diverged && member.request.problem.isUpright ? objective.uprightness(of: image) : nil
        // An upright prior has a constant log-determinant, so that its way back is that of its matrices: rounding counts where numbers are large.
        let isUsual = uprightness != nil && latent.allSatisfy { abs($0) <= Self.usualLatent }
        let roundTripError =
            stop.reason == .diverged || isUsual ? nil : objective.roundTripError(image: image, latent: latent, unknown: solve.formulation)
        span?.end()
        return .success(
            Restoration(
                image: image, latent: latent,
                regularizationWeight: member.request.problem.regularizationWeight, objective: solve.best.objective,
                dataFidelity: solve.best.dataFidelity, prior: solve.best.prior, evaluations: solve.evaluations,
                gradientPrecisionEvaluations: startsInGradientPrecision ? solve.gradientPrecisionEvaluations : nil, passes: solve.passes,
                seconds: member.seconds(at: clock.now), stop: stop.reason, diagnosis: stop.diagnosis, trace: solve.trace,
                roundTripError: roundTripError, uprightness: uprightness))
    }

    /// Brings waiting problems in while there is room.
    private mutating func fill(_ events: SolverEvents) throws {
        while count < objective.capacity {
            let newcomers = try queue.next(objective.capacity - count, mayWait: count == 0)
            guard !newcomers.isEmpty else { return }
            let span = recorder?.begin(.start)
            defer { span?.end() }
            let entered = isFirst ? began : clock.now
            isFirst = false
            var valid: [SolveRequest] = []
            for request in newcomers {
                do {
                    try request.validate(imageShape: objective.imageShape)
                    valid.append(request)
                } catch {
                    if let follower = try events.onEnd(request.problem.id, .failure(error)) { queue.add(follower) }
                }
            }
            guard !valid.isEmpty else { continue }
            objective.reserve(measurementCount: valid.map(\.problem.measurement.count).max() ?? 0)
            let initialPoints = try initializer.initialPoints(of: valid, objective)
            for (request, initialPoint) in zip(valid, initialPoints) {
                let solve = ImageSolve(
                    start: initialPoint.unknown, formulation: initialPoint.formulation, options: request.options,
                    startsInGradientPrecision: startsInGradientPrecision,
                    startPasses: initialPoint.passes, preconditioner: initialPoint.preconditioner,
                    regularizationWeight: request.problem.regularizationWeight, schedule: initialPoint.schedule,
                    loops: VectorLoops(parallelism))
                var member = Member(request: request, solve: solve, entered: entered)
                do {
                    if let state = request.state { try member.resume(state) }
                    add(member)
                } catch {
                    if let follower = try events.onEnd(request.problem.id, .failure(error)) { queue.add(follower) }
                }
            }
        }
    }

    /// Hands the states of the solves that are due, or of all, to `events`.
    private mutating func save(_ events: SolverEvents, all: Bool) throws {
        guard let onSave = events.onSave, all || events.saveSeconds.isFinite else { return }
        let now = clock.now
        for lane in lanes.indices {
            try lanes[lane].forEach { member in
                guard all || member.saved.duration(to: now).inSeconds >= events.saveSeconds else { return }
                try onSave(member.id, member.seconds(at: now)) { [member] in member.state(at: now) }
                member.saved = now
            }
        }
    }

    /// Puts a member into its lane.
    private mutating func add(_ member: Member) {
        let lane = lanes.firstIndex { $0.key == member.key } ?? lanes.endIndex
        if lane == lanes.endIndex { lanes.append(Lane(member.key)) }
        lanes[lane].add(member)
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
    let now: ContinuousClock.Instant

    func run(task slot: Int, worker: Int) {
        let member = members[slot]
        gradients.withElements(at: slot * n) { member.solve.gradient.set(from: $0) }
        images.withElements(at: slot * n) { image in
            latents.withElements(at: slot * n) { latent in
                member.solve.receive(evaluations[slot], image: image, latent: latent, seconds: member.seconds(at: now))
            }
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
