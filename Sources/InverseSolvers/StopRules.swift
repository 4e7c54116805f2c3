/// Why the solver of an image stopped. The raw values stand in reports.
public enum StopReason: String, Sendable, CaseIterable {
    /// The gradient is small against the one at the start.
    case gradient
    /// The objective hardly falls any more.
    case progress
    /// The evaluations are used up.
    case budget
    /// The time is used up (`SolverOptions.maximumSeconds`, or that of the whole call). The result is the best point so far, and depends on the
    /// speed of the machine.
    case time
    /// No step lowers the objective, even along the steepest descent: what single precision resolves is reached.
    case noFurtherProgress = "no-further-progress"
    /// The objective is not finite, or has no lower bound.
    case diverged
    /// The result is a posterior mean in closed form (`PosteriorMean`).
    case closedForm = "closed-form"
    /// All steps of a half-quadratic splitting were taken (`HalfQuadraticSplitting`).
    case schedule
}

/// The end of a solve: the reason, and words for it where the reason alone does not say it.
package struct Stop: Equatable {
    package var reason: StopReason
    package var diagnosis: String?

    package init(_ reason: StopReason, _ diagnosis: String? = nil) {
        self.reason = reason
        self.diagnosis = diagnosis
    }
}

/// The rules that end the solve of one image at an accepted iterate.
package struct StopRules {
    /// An objective whose magnitude grew by this factor is taken as one without bound.
    static let explosion = 1e10

    private let gradientTolerance: Double
    private let progressTolerance: Double
    /// Progress is a part of the objective, or of this where that is more.
    private let leastObjective: Double
    private var firstObjective = 0.0
    private var firstGradientNorm: Double?
    private var best = Double.infinity
    /// The best objective after each of the last iterates; the oldest stands at `next`.
    private var window: [Double]
    private var next = 0

    /// - Parameter regularizationWeight: lambda, where progress that is nothing to the posterior density ends the solve: objective / lambda
    ///   is its logarithm, and what lowers that by less than 1 in ten steps is not worth them. It counts with the standard tolerance, and
    ///   more or less with others; nil to go by the objective alone.
    package init(_ options: SolverOptions, regularizationWeight: Double? = nil) {
        leastObjective = (regularizationWeight ?? 0) / SolverOptions.preconditionedTolerance
        gradientTolerance = options.gradientTolerance
        progressTolerance = options.resolvedProgressTolerance
        window = [Double](repeating: .infinity, count: options.progressWindow)
    }

    /// Forgets the progress so far, which is no measure for what follows; what a small gradient is, stays.
    package mutating func restart() {
        best = .infinity
        window = [Double](repeating: .infinity, count: window.count)
    }

    /// The progress so far.
    package var state: SolveState {
        var state = SolveState()
        state.numbers["first"] = [firstObjective] + (firstGradientNorm.map { [$0] } ?? [])
        state.set("best", best, Double(next))
        state.numbers["window"] = window
        return state
    }

    /// - Throws: `SolveStateError`, for rules with another window too.
    package mutating func resume(_ state: SolveState) throws(SolveStateError) {
        let (first, best) = (try state.numbers("first"), try state.numbers("best", count: 2))
        guard (1 ... 2).contains(first.count) else { throw SolveStateError(name: "first") }
        (firstObjective, firstGradientNorm) = (first[0], first.count == 2 ? first[1] : nil)
        window = try state.numbers("window", count: window.count)
        guard let next = Int(exactly: best[1]), window.indices.contains(next) else { throw SolveStateError(name: "best") }
        (self.best, self.next) = (best[0], next)
    }

    /// The stop at an iterate with this finite objective and gradient, or nil to go on.
    package mutating func check(objective: Double, gradientNorm: Double) -> Stop? {
        best = min(best, objective)
        let earlier = window[next]
        window[next] = best
        next = (next + 1) % window.count

        guard let firstGradientNorm else {
            firstObjective = objective
            firstGradientNorm = gradientNorm
            return gradientNorm == 0 ? Stop(.gradient, "the gradient is zero at the start") : nil
        }
        if abs(objective) > Self.explosion * max(1, abs(firstObjective)) {
            let course = objective < 0 ? "seems to have no lower bound" : "explodes"
            return Stop(.diverged, "the objective \(course): it was \(firstObjective) at the start and is \(objective)")
        }
        if gradientNorm <= gradientTolerance * firstGradientNorm { return Stop(.gradient) }
        if progressTolerance > 0, earlier - best <= progressTolerance * max(abs(best), leastObjective) { return Stop(.progress) }
        return nil
    }
}
