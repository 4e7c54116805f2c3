/// The solve of one image: its minimizer, its stop rules and its best point. It knows nothing of the flow or of other
/// images.
///
///     loop while `stop` is nil: evaluate E at `minimizer.trial`, write the gradient into `gradient`; `receive` it
///
/// A solve may begin with gradients of the gradient precision, which are cheaper. Where they are of no more use, or stop the solve themselves,
/// `usesGradientPrecision` turns false, and the minimizer goes back to its last iterate, with the curvature that it knows, for
/// the exact gradient there. Values are exact throughout, so a solve whose objective hardly falls, while its gradients still say by how
/// much, ends without: ten exact steps more would lower it by less than its tolerance.
///
/// A solve with a preconditioner may begin in the latent and go on in the image, where the preconditioner is: after
/// the evaluations of its schedule, in place of a stop, `formulation` turns to analysis, and a new minimizer starts at the best point.
package final class ImageSolve {
    package private(set) var minimizer: any Minimizer
    /// Whether the unknown is the image or the latent.
    package private(set) var formulation: Formulation
    /// The gradient at the trial, written by the owner before `receive`.
    package let gradient: Vector

    package private(set) var evaluations = 0
    /// How many of the evaluations had a gradient of the gradient precision.
    package private(set) var gradientPrecisionEvaluations = 0
    /// Passes of the flow so far, those for the start included.
    package var passes: Int { startPasses + 2 * evaluations }
    /// Whether a gradient of the gradient precision is good enough for the next evaluation.
    package var usesGradientPrecision: Bool { stallRule != nil }
    package private(set) var stop: Stop?
    package private(set) var trace = Trace()
    /// The entry of the trace that the last evaluation made; nil where it was no iterate.
    package private(set) var newEntry: Trace.Entry?

    /// The finite point of least objective so far, with both sides of the flow.
    package private(set) var best = Evaluation()
    package let bestImage: Vector
    package let bestLatent: Vector

    private let options: SolverOptions
    private let loops: VectorLoops
    private let preconditioner: WienerPreconditioner?
    private var startPasses: Int
    private let schedule: Schedule?
    private var maximumEvaluations: Int { options.maximumEvaluations }
    private let regularizationWeight: Double?
    private var rules: StopRules
    /// This is nil once the gradients are exact.
    private var stallRule: StallRule?

    /// A solve from `start`, an image in analysis and a latent in synthesis.
    ///
    /// - Parameters:
    ///   - startPasses: passes of the flow that were spent on the start.
    ///   - preconditioner: for `MinimizerChoice.auto`.
    ///   - regularizationWeight: lambda, which a preconditioned solve measures its progress by.
    ///   - loops: how its vectors are worked on.
    ///   - schedule: when a preconditioned solve leaves the latent, nil is at once; and the memory of its inverse Hessian.
    package init(
        start: [Float], formulation: Formulation = .analysis, options: SolverOptions, startsInGradientPrecision: Bool = false,
        startPasses: Int = 0, preconditioner: WienerPreconditioner? = nil, regularizationWeight: Double? = nil,
        schedule: Schedule? = nil, loops: VectorLoops = VectorLoops()
    ) {
        var options = options
        if let schedule, options.progressTolerance == nil {
            if schedule.leastTolerance > 0 { options.progressTolerance = max(options.resolvedProgressTolerance, schedule.leastTolerance) }
            if let window = schedule.progressWindow { options.progressWindow = min(options.progressWindow, window) }
        }
        self.options = options
        self.loops = loops
        self.formulation = formulation
        self.preconditioner = preconditioner
        self.startPasses = startPasses
        self.schedule = schedule
        minimizer = options.makeMinimizer(
            start: start, preconditioner: formulation == .analysis ? preconditioner : nil, memory: schedule?.memory(formulation),
            loops: loops)
        gradient = Vector(count: start.count, loops: loops)
        bestImage = Vector(count: start.count, loops: loops)
        bestLatent = Vector(count: start.count, loops: loops)
        self.regularizationWeight = preconditioner == nil ? nil : regularizationWeight
        rules = StopRules(options, regularizationWeight: self.regularizationWeight)
        stallRule = startsInGradientPrecision ? StallRule(dimension: start.count, loops: loops) : nil
        trace.entries.reserveCapacity(min(maximumEvaluations, 1024))
    }

    /// Takes the evaluation at the trial, whose image and latent are given, `seconds` after the solves began.
    package func receive(
        _ evaluation: Evaluation, image: UnsafePointer<Float>, latent: UnsafePointer<Float>, seconds: Double
    ) {
        newEntry = nil
        evaluations += 1
        if usesGradientPrecision { gradientPrecisionEvaluations += 1 }
        if evaluations == 1 || (evaluation.isFinite && evaluation.objective < best.objective) {
            best = evaluation
            bestImage.set(from: image)
            bestLatent.set(from: latent)
        }
        if evaluations == 1, !evaluation.isFinite {
            end(Stop(.diverged, "\(evaluation.fault) at the start"))
            return
        }
        stallRule?.evaluated(at: minimizer.trial, objective: evaluation.objective, gradient: gradient)
        switch minimizer.advance(value: evaluation.isFinite ? evaluation.objective : .infinity, gradient: gradient) {
        case .probed: break
        case .accepted(let step):
            let accepted = Trace.Entry(
                evaluation: evaluations, passes: passes, objective: evaluation.objective,
                dataFidelity: evaluation.dataFidelity, prior: evaluation.prior, gradientNorm: evaluation.gradientNorm,
                step: step, seconds: seconds, unknown: formulation, gradientPrecision: evaluation.gradientPrecision)
            trace.entries.append(accepted)
            newEntry = accepted
            stallRule?.accepted()
            if let stop = rules.check(objective: evaluation.objective, gradientNorm: evaluation.gradientNorm) {
                end(stop)
            }
        case .stopped(let stop):
            end(stop)
        }
        if stop == nil, willChangeMetric, evaluations >= schedule?.latentEvaluations ?? 0 { changeMetric() }
        if stop == nil, isStalled { refine() }
        if stop == nil, evaluations >= maximumEvaluations { end(Stop(.budget)) }
    }

    /// Ends the solve at the best point so far, because time is used up. There must have been an evaluation.
    package func endForTime() { if stop == nil, evaluations > 0 { stop = Stop(.time) } }

    /// What it is now, between two evaluations.
    package var state: SolveState {
        var state = SolveState()
        state.set("formulation", (formulation == .synthesis).asNumber)
        state.set("counts", Double(evaluations), Double(gradientPrecisionEvaluations), Double(startPasses))
        state.add(minimizer.state, as: "minimizer")
        state.add(rules.state, as: "rules")
        if let stallRule { state.add(stallRule.state, as: "stallRule") }
        state.add(best.state, as: "best")
        state.set("best.image", bestImage)
        state.set("best.latent", bestLatent)
        state.add(trace.state, as: "trace")
        return state
    }

    /// Becomes what `state` was; it was made with the same arguments as the one that was saved, but for the start.
    ///
    /// - Throws: `SolveStateError`; then it is not to be used.
    package func resume(_ state: SolveState) throws(SolveStateError) {
        func part(_ name: String) throws(SolveStateError) -> SolveState {
            guard let part = state.part(name) else { throw SolveStateError(name: name) }
            return part
        }
        if formulation == .synthesis, try !state.flag("formulation") {
            bestImage.clear()
            changeMetric()
        }
        guard try state.flag("formulation") == (formulation == .synthesis) else { throw SolveStateError(name: "formulation") }
        let counts = try state.numbers("counts", count: 3).map { Int(exactly: $0) ?? -1 }
        guard counts.allSatisfy({ $0 >= 0 }) else { throw SolveStateError(name: "counts") }
        (evaluations, gradientPrecisionEvaluations, startPasses) = (counts[0], counts[1], counts[2])
        try minimizer.resume(try part("minimizer"))
        try rules.resume(try part("rules"))
        if let part = state.part("stallRule") {
            guard let stallRule else { throw SolveStateError(name: "stallRule") }
            try stallRule.resume(part)
        } else {
            stallRule = nil
        }
        best = try Evaluation(resuming: try part("best"))
        try state.copy("best.image", into: bestImage)
        try state.copy("best.latent", into: bestLatent)
        trace = try Trace(resuming: try part("trace"))
    }

    /// A diagnosis names the evaluation at which it was made. Gradients of the gradient precision end a solve where the budget is used up, the objective itself is
    /// at fault, or it hardly falls though they are still good for it.
    private func end(_ reason: Stop) {
        switch reason.reason {
        case .budget, .time, .diverged, .closedForm, .schedule: break
        case .gradient, .progress, .noFurtherProgress:
            if willChangeMetric { return changeMetric() }
            if usesGradientPrecision, reason.reason != .progress || isStalled { return refine() }
        }
        stop = Stop(reason.reason, reason.diagnosis.map { "evaluation \(evaluations): \($0)" })
    }

    /// Whether gradients of the gradient precision are of no more use.
    private var isStalled: Bool { stallRule?.isStalled ?? false }

    /// Whether the solve is in the latent and will go on in the image.
    private var willChangeMetric: Bool { preconditioner != nil && formulation == .synthesis }

    /// Makes the image the unknown from now on, and the minimizer a preconditioned one.
    private func changeMetric() {
        formulation = .analysis
        // The memory of the first minimizer goes back before the second takes its own.
        minimizer = GradientDescent(start: [])
        minimizer = options.makeMinimizer(
            start: bestImage.array, preconditioner: preconditioner, memory: schedule?.memory(formulation), loops: loops)
        rules = StopRules(options, regularizationWeight: regularizationWeight)
        if usesGradientPrecision { stallRule = StallRule(dimension: bestImage.count, loops: loops) }
    }

    /// Makes the gradients exact from now on.
    private func refine() {
        stallRule = nil
        rules.restart()
        minimizer.restart()
    }
}
