import Glibc

/// What a criterion looks at in a solution.
package struct WeightObservation {
    /// |r|^2 over the measured entries
    package var squaredResidual: Double
    /// |z|^2
    package var squaredLatent: Double
    /// M
    package var measuredCount: Double
    /// W of the residual; NaN where no criterion asks.
    package var whiteness: Double
    /// Whether the solve ended by itself, not by its budget.
    package var isConverged: Bool

    package init(
        squaredResidual: Double, squaredLatent: Double, measuredCount: Double, whiteness: Double = .nan, isConverged: Bool = true
    ) {
        self.squaredResidual = squaredResidual
        self.squaredLatent = squaredLatent
        self.measuredCount = measuredCount
        self.whiteness = whiteness
        self.isConverged = isConverged
    }
}

/// The search for the lambda of one image, turned inside out as `Minimizer` is: it says which lambda to solve for next, roughly at
/// first and then exactly.
///
///     loop while `isDone` is false: solve for `weight`, as exactly as `stage` says, from the last solution; `advance`
///
/// Steps are in t = log lambda. For the discrepancy they are those of Newton's method for h = log(S / (M sigma^2)), which rises
/// with t: at a minimum of E the derivative of E in lambda is |z|^2 / 2, so the slope of h costs nothing. Whiteness is minimized
/// over lambdas a factor 4 apart, until the variance of the residual, which is what is sought, changes little from one to the next.
///
/// Before the minimum is reached, S is too large. So a solve that used up its budget cannot say that lambda must fall: the next
/// goes on with the same lambda, and where that was the exact one, the search ends.
package struct WeightSearch {
    package enum Stage: CaseIterable {
        /// Several solves that lead near to lambda.
        case rough
        /// The solve that is the result, unless lambda turns out to be elsewhere.
        case exact
        /// The solve after that, which is the result wherever lambda is.
        case corrected
    }

    /// Solves of the first stage, at most.
    package static let mostRoughSolves = 3
    /// A rough solve ends where the objective fell by no more than this part of itself in the window of `SolverOptions`.
    static let roughProgress = 1e-2
    /// What the tolerance of progress is multiplied with for the solves after them: the objective of a start near the minimum falls
    /// little, however far the image is.
    static let warmProgress = 0.5
    /// The longest step in t, and the one from lambda to lambda in search of the whitest residual.
    static let longestStep = log(4.0)
    /// Steps in t below these end the rough solves, and the search: what lambda changes by so little changes no image by 0.1 dB.
    static let roughTolerance = log(1.5)
    static let exactTolerance = log(1.25)

    /// lambda of the next solve, or of the last.
    package private(set) var weight: Double
    package private(set) var stage = Stage.rough
    package private(set) var isDone = false
    package private(set) var isSettled = false

    private let criterion: WeightCriterion
    private var solves = 0
    /// The t below which h < 0 was seen, and above which h > 0, since the solves are as exact as they are.
    private var bracket = (lower: -Double.infinity, upper: Double.infinity)
    /// t, log W and |r|^2 / (M - |z|^2) of the rough solves, by t.
    private var seen: [(t: Double, whiteness: Double, variance: Double)] = []

    /// A search that begins at lambda = `weight` > 0.
    package init(_ criterion: WeightCriterion, weight: Double) {
        self.criterion = criterion
        self.weight = weight
    }

    /// `WeightStep.measure` of a solution at `weight`.
    package func measure(_ observation: WeightObservation) -> Double {
        let o = observation
        let s = o.squaredResidual + weight * o.squaredLatent
        return switch criterion {
        case .discrepancy(let variance): s / (o.measuredCount * variance)
        case .whiteness: o.whiteness
        }
    }

    /// Takes the solution at `weight`; what is not finite ends the search.
    package mutating func advance(_ observation: WeightObservation) {
        solves += 1
        let measure = measure(observation)
        guard measure.isFinite, measure > 0 else {
            isSettled = false
            return isDone = true
        }
        switch criterion {
        case .discrepancy: advanceRoot(observation, log(measure))
        case .whiteness: advanceWhiteness(observation, log(measure))
        }
    }

    /// Takes h = log(S / (M sigma^2)).
    private mutating func advanceRoot(_ observation: WeightObservation, _ h: Double) {
        let t = log(weight)
        let latentTerm = weight * observation.squaredLatent
        let slope = latentTerm / (observation.squaredResidual + latentTerm)
        let newton = max(-Self.longestStep, min(Self.longestStep, -h / max(slope, 1e-3)))
        isSettled = abs(newton) <= Self.exactTolerance
        if newton < 0, !observation.isConverged {
            if stage == .rough { begin(.exact) } else { isDone = true }
            return
        }
        if h < 0 { bracket.lower = max(bracket.lower, t) } else { bracket.upper = min(bracket.upper, t) }
        let isInside = t + newton > bracket.lower && t + newton < bracket.upper
        let isOpen = bracket.lower.isInfinite || bracket.upper.isInfinite
        let next = isInside || isOpen ? t + newton : (bracket.lower + bracket.upper) / 2
        switch stage {
        case .rough:
            if abs(newton) <= Self.roughTolerance || solves == Self.mostRoughSolves { begin(.exact) }
        case .exact:
            if isSettled { return isDone = true }
            begin(.corrected)
        case .corrected:
            return isDone = true
        }
        weight = Self.weight(at: next)
    }

    private mutating func advanceWhiteness(_ observation: WeightObservation, _ logWhiteness: Double) {
        guard stage == .rough else { return isDone = true }
        let freedom = observation.measuredCount - min(observation.squaredLatent, observation.measuredCount / 2)
        let point = (t: log(weight), whiteness: logWhiteness, variance: observation.squaredResidual / freedom)
        seen.insert(point, at: seen.firstIndex { $0.t > point.t } ?? seen.endIndex)
        let best = seen.indices.min { seen[$0].whiteness < seen[$1].whiteness } ?? 0
        let neighbours = [best - 1, best + 1].filter(seen.indices.contains)
        let isFlat = neighbours.allSatisfy { abs(log(seen[$0].variance / seen[best].variance)) <= Self.exactTolerance }
        isSettled = neighbours.count == 2 || (isFlat && !neighbours.isEmpty)
        if (isFlat && isSettled) || solves == Self.mostRoughSolves {
            weight = seen[best].variance
            begin(.exact)
        } else {
            let isLast = best == seen.count - 1
            weight = Self.weight(at: seen[best].t + (isLast ? Self.longestStep : -Self.longestStep))
        }
    }

    /// Within what an `InverseProblem` takes.
    private static func weight(at t: Double) -> Double { min(exp(t), Double(Float.greatestFiniteMagnitude)) }

    /// What rough solves say is too rough to hold exact ones to.
    private mutating func begin(_ next: Stage) {
        stage = next
        bracket = (-.infinity, .infinity)
    }
}
