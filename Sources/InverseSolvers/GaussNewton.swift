import ForwardOperators
import GlowModel
import KernelInterface

/// Gauss and Newton's method on the objective in the image, with conjugate gradients inside.
///
/// Around x the flow is replaced by its linearization f(x + d) ~ f(x) + J d, and the quadratic function that is left
///
///     1/2 |A (x + d) - y|^2 + lambda/2 |f(x) + J d|^2,    Hessian H = A'A + lambda J'J
///
/// is minimized by conjugate gradients on H d = -gradient, preconditioned with `WienerPreconditioner`; each product with H is a JVP
/// and a VJP at one linearization. Then x moves along d as far as the objective falls enough. On a linear flow one step is all.
///
/// Conjugate gradients end where the residual is `tolerance` of the gradient, at `mostProducts`, or where H is not positive in a
/// direction, which only rounding can do. The update of the direction is that of Polak and Ribiere, since the preconditioner is
/// itself found by iteration (Notay 2000).
///
/// A product costs as many passes as an evaluation, two, and counts as one against the budget. Images are solved one after the other.
struct GaussNewton<Flow: NormalizingFlow> {
    static var sufficientDecrease: Double { 1e-4 }
    static var mostHalvings: Int { 20 }

    let objective: Objective<Flow>
    let options: SolverOptions
    /// The part of the gradient that an inner solve leaves.
    let tolerance: Double
    let mostProducts: Int

    private let clock = ContinuousClock()
    private let x, trial, gradient, step, residual, direction, correction, previous, product: Vector

    /// - Parameter objective: with room for one image, in analysis.
    init(_ objective: Objective<Flow>, options: SolverOptions, tolerance: Double, mostProducts: Int) {
        self.objective = objective
        self.options = options
        self.tolerance = tolerance
        self.mostProducts = mostProducts
        func vector() -> Vector { Vector(count: objective.imageShape.count) }
        (x, trial, gradient, step, residual) = (vector(), vector(), vector(), vector(), vector())
        (direction, correction, previous, product) = (vector(), vector(), vector(), vector())
    }

    /// Solves one problem from an image.
    ///
    /// - Throws: `SolverError.startNotFinite`; what `events` throw, of which `onEnd` is left to the caller.
    func restore(
        _ problem: InverseProblem, from initialPoint: Initializer.InitialPoint, _ events: SolverEvents
    ) throws -> Restoration {
        let began = clock.now
        let terms = [problem.terms]
        var rules = StopRules(options)
        var trace = Trace()
        var evaluations = 0
        var reached = Evaluation()
        var latent: [Float] = []

        func evaluate(_ point: Vector) throws -> Evaluation {
            try events.checkpoint?()
            objective.setUnknown(0, to: point)
            objective.evaluate(terms)
            evaluations += 1
            return objective.evaluations[0]
        }
        /// Takes the trial, which was evaluated last, as the iterate.
        func accept(_ evaluation: Evaluation, step length: Double) throws -> Stop? {
            x.set(trial)
            objective.gradients.withElements(at: 0) { gradient.set(from: $0) }
            latent = objective.latents
            reached = evaluation
            let entry = Trace.Entry(
                evaluation: evaluations, passes: 2 * evaluations + initialPoint.passes, objective: evaluation.objective,
                dataFidelity: evaluation.dataFidelity, prior: evaluation.prior, gradientNorm: evaluation.gradientNorm, step: length,
                seconds: began.duration(to: clock.now).inSeconds, unknown: .analysis, gradientPrecision: evaluation.gradientPrecision)
            trace.entries.append(entry)
            try events.onProgress?(SolverProgress(problem: problem.id, entry: entry, image: x.array[...]))
            return rules.check(objective: evaluation.objective, gradientNorm: evaluation.gradientNorm)
        }

        initialPoint.unknown.withElements(at: 0) { trial.set(from: $0) }
        let start = try evaluate(trial)
        guard start.imageIsFinite else { throw SolverError.startNotFinite(problem: problem.id) }
        var stop: Stop?
        if start.isFinite {
            stop = try accept(start, step: 0)
        } else {
            x.set(trial)
            latent = objective.latents
            reached = start
            stop = Stop(.diverged, "evaluation 1: \(start.fault) at the start")
        }

        func isOutOfTime() -> Bool {
            events.isTimeUp?() == true || began.duration(to: clock.now).inSeconds >= options.maximumSeconds
        }
        while stop == nil {
            guard evaluations < options.maximumEvaluations else { stop = Stop(.budget); break }
            guard !isOutOfTime() else { stop = Stop(.time); break }
            let room = min(mostProducts, options.maximumEvaluations - evaluations - 1)
            evaluations += solveLinearized(terms[0], initialPoint.preconditioner, mostProducts: room)
            let slope = gradient.dot(step)
            guard slope < 0 else { stop = Stop(.noFurtherProgress, "the step leads up"); break }
            var length = 1.0
            var halvings = 0
            while stop == nil {
                guard evaluations < options.maximumEvaluations else { stop = Stop(.budget); break }
                trial.set(x, plus: length, times: step)
                let evaluation = try evaluate(trial)
                if evaluation.isFinite, evaluation.objective <= reached.objective + Self.sufficientDecrease * length * slope {
                    stop = try accept(evaluation, step: length)
                    break
                }
                halvings += 1
                length /= 2
                if halvings > Self.mostHalvings { stop = Stop(.noFurtherProgress, "no part of the step lowers the objective") }
            }
        }
        return Restoration(
            image: x.array, latent: Array(latent.prefix(x.count)), regularizationWeight: problem.regularizationWeight,
            objective: reached.objective, dataFidelity: reached.dataFidelity, prior: reached.prior, evaluations: evaluations,
            gradientPrecisionEvaluations: nil,
            passes: 2 * evaluations + initialPoint.passes,
            seconds: began.duration(to: clock.now).inSeconds, stop: stop?.reason ?? .budget, diagnosis: stop?.diagnosis, trace: trace)
    }

    /// step ~ -H^-1 gradient, at the point that was evaluated last. Returns how many products with H it took.
    private func solveLinearized(
        _ terms: ObjectiveTerms, _ preconditioner: WienerPreconditioner?, mostProducts: Int
    ) -> Int {
        func precondition() {
            if let preconditioner { preconditioner.apply(to: residual, into: correction) } else { correction.set(residual) }
        }
        for index in 0 ..< step.count { step.mutableElements[index] = 0 }
        residual.set(-1, times: gradient)
        precondition()
        direction.set(correction)
        var decrease = residual.dot(correction)
        let target = tolerance * residual.norm
        for count in 0 ..< mostProducts {
            objective.gaussNewtonProduct(direction, terms, into: product)
            let curvature = direction.dot(product)
            guard curvature > 0, decrease > 0 else {
                if count == 0 { step.set(direction) }
                return count + 1
            }
            let length = residual.dot(direction) / curvature
            step.add(length, times: direction)
            previous.set(residual)
            residual.add(-length, times: product)
            if residual.norm <= target { return count + 1 }
            precondition()
            let overlap = previous.dot(correction)
            let next = residual.dot(correction)
            direction.set(correction, plus: max(0, (next - overlap) / decrease), times: direction)
            decrease = next
        }
        if mostProducts <= 0 { step.set(direction) }
        return max(0, mostProducts)
    }
}
