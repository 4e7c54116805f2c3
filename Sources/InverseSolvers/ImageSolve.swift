/// The solve of one image: its minimizer, its stop rules and its best point. It knows nothing of the flow or of other
/// images.
///
///     loop while `stop` is nil: evaluate E at `minimizer.trial`, write the gradient into `gradient`; `receive` it
///
/// A solve may begin with rough gradients, those of a cheaper computation. Where they are of no more use, in place of a stop,
/// `wantsRoughGradient` turns false, and the minimizer goes back to its last iterate, with the curvature that it knows, for
/// the exact gradient there.
package final class ImageSolve {
    package let minimizer: any Minimizer
    /// The gradient at the trial, written by the owner before `receive`.
    package let gradient: Vector

    package private(set) var evaluations = 0
    /// Those of `evaluations` that had a rough gradient.
    package private(set) var roughEvaluations = 0
    /// Whether a rough gradient is good enough for the next evaluation.
    package var wantsRoughGradient: Bool { stallRule != nil }
    package private(set) var stop: Stop?
    package private(set) var trace = Trace()

    /// The finite point of least objective so far, with both sides of the flow.
    package private(set) var best = Evaluation()
    package let bestImage: Vector
    package let bestLatent: Vector

    private let maximumEvaluations: Int
    private var rules: StopRules
    /// Nil once the gradients are exact.
    private var stallRule: StallRule?

    package init(start: [Float], options: SolverOptions, startsRough: Bool = false) {
        minimizer = options.makeMinimizer(start: start)
        gradient = Vector(count: start.count)
        bestImage = Vector(count: start.count)
        bestLatent = Vector(count: start.count)
        maximumEvaluations = options.maximumEvaluations
        rules = StopRules(options)
        stallRule = startsRough ? StallRule(dimension: start.count) : nil
        trace.entries.reserveCapacity(min(maximumEvaluations, 1024))
    }

    /// Takes the evaluation at the trial, whose image and latent are given, `seconds` after the start.
    ///
    /// Returns the new entry of the trace when the point is accepted as an iterate.
    package func receive(
        _ evaluation: Evaluation, image: UnsafePointer<Float>, latent: UnsafePointer<Float>, seconds: Double
    ) -> Trace.Entry? {
        evaluations += 1
        if wantsRoughGradient { roughEvaluations += 1 }
        if evaluations == 1 || (evaluation.isFinite && evaluation.objective < best.objective) {
            best = evaluation
            bestImage.set(from: image)
            bestLatent.set(from: latent)
        }
        if evaluations == 1, !evaluation.isFinite {
            end(Stop(.diverged, "\(evaluation.fault) at the start"))
            return nil
        }
        stallRule?.evaluated(at: minimizer.trial, objective: evaluation.objective, gradient: gradient)
        var entry: Trace.Entry?
        switch minimizer.advance(value: evaluation.isFinite ? evaluation.objective : .infinity, gradient: gradient) {
        case .probed: break
        case .accepted(let step):
            let accepted = Trace.Entry(
                evaluation: evaluations, objective: evaluation.objective, dataFidelity: evaluation.dataFidelity,
                prior: evaluation.prior, gradientNorm: evaluation.gradientNorm, step: step, seconds: seconds,
                gradientPrecision: evaluation.gradientPrecision)
            trace.entries.append(accepted)
            entry = accepted
            stallRule?.accepted()
            if let stop = rules.check(objective: evaluation.objective, gradientNorm: evaluation.gradientNorm) {
                end(stop)
            }
        case .stopped(let stop):
            end(stop)
        }
        if stallRule?.isStalled == true { refine() }
        if stop == nil, evaluations >= maximumEvaluations { end(Stop(.budget)) }
        return entry
    }

    /// A diagnosis names the evaluation at which it was made. With rough gradients the end is no end, unless the budget is used up
    /// or the objective itself is at fault.
    private func end(_ reason: Stop) {
        if wantsRoughGradient, reason.reason != .budget, reason.reason != .diverged { return refine() }
        stop = Stop(reason.reason, reason.diagnosis.map { "evaluation \(evaluations): \($0)" })
    }

    /// From now on the gradients are exact.
    private func refine() {
        stallRule = nil
        rules.restart()
        minimizer.restart()
    }
}
