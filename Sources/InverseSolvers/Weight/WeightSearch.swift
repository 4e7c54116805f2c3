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

    /// S
    func statistic(weight: Double) -> Double { squaredResidual + weight * squaredLatent }
}

/// The search for the lambda of one image, turned inside out as `Minimizer` is: it says which lambda to solve for next, how exactly
/// and from where.
///
///     loop while `isDone` is false: solve for `weight`, as `stage` says; `advance`
///
/// The first solve is that of any call, from the start of the problem. Those after it begin at a solution: which of the many images
/// of nearly the same objective a solve finds is decided on its way through the latent, and a search that began with rough
/// solves would lose that. Where the first lambda is the one sought, the search is that one solve.
///
/// Steps are in t = log lambda. For the discrepancy they are those of the method of Gauss and Newton for its criterion; at a minimum
/// of E the derivative of E in lambda is |z|^2 / 2, so the slope of log S costs nothing. Whiteness is minimized over lambdas a
/// factor 4 apart, until the variance of the residual, which is what is sought, changes little from one to the next.
///
/// Before the minimum is reached, S is too large. So a solve that used up its budget cannot say that lambda must fall: it ends the
/// search.
package struct WeightSearch {
    package enum Stage: CaseIterable {
        /// The solve that would be the only one without a search.
        case first
        /// A solve whose residual is looked at, no more, from the last solution.
        case rough
        /// A solve that is the result unless another follows, from the last solution that could have been it.
        case exact
    }

    /// Solves of each of the later stages, at most.
    package static let mostRoughSolves = 2
    package static let mostExactSolves = 3
    /// A rough solve ends where the objective fell by no more than this part of itself in so many steps.
    static let roughProgress = 1e-2
    static let roughWindow = 3
    /// What the tolerance of progress is multiplied with for an exact solve after the first, and in so many steps: the objective of a
    /// start near the minimum falls little, however far the image is.
    static let warmProgress = 0.5
    /// The longest step in t, and the one from lambda to lambda in search of the whitest residual.
    static let longestStep = log(4.0)
    static let warmWindow = 5
    /// What the variance of the first residual must count for beside the first lambda, where whiter ones are looked for.
    static let leastShare = 0.2
    /// A step in t below this ends the search: what lambda changes by so little changes no image by 0.1 dB.
    static let tolerance = log(1.2)

    /// lambda of the next solve, or of the last.
    package private(set) var weight: Double
    package private(set) var stage = Stage.first
    package private(set) var isDone = false
    package private(set) var isSettled = false

    private let criterion: WeightCriterion
    private let firstWeight: Double
    private var first: WeightObservation?
    private var exactSolves = 0
    /// What is known of sigma^2: for whiteness from when no rough solve is to follow.
    private var noise: NoiseVariance?
    /// The solves in search of the whitest residual, by t.
    private var seen: [Whiteness] = []
    /// Whether the whitest lies between others, or is as good as they are.
    private var isWhitestKnown = true

    private struct NoiseVariance {
        var variance: Double
        var relativeError: Double
    }

    private struct Whiteness {
        /// log lambda
        let t: Double
        let logWhiteness: Double
        let variance: Double
        let relativeError: Double

        /// |r|^2 / (M - |z|^2) as the variance of the noise, as wrong as the scale of |z|^2 makes it.
        init(_ o: WeightObservation, weight: Double) {
            t = log(weight)
            logWhiteness = log(o.whiteness)
            let lost = min(o.squaredLatent, o.measuredCount / 2)
            let left = o.measuredCount - lost
            variance = o.squaredResidual / left
            let scaleError = WeightCriterion.scaleDeviation * lost / left
            relativeError = (scaleError * scaleError + 2 / left).squareRoot()
        }
    }

    /// A search that begins at lambda = `weight` > 0.
    package init(_ criterion: WeightCriterion, weight: Double) {
        self.criterion = criterion
        self.weight = weight
        firstWeight = weight
        if case .discrepancy(let variance, let relativeError) = criterion {
            noise = NoiseVariance(variance: variance, relativeError: relativeError)
        }
    }

    /// `WeightStep.measure` of a solution at `weight`.
    package func measure(_ observation: WeightObservation) -> Double {
        switch criterion {
        case .discrepancy(let variance, _):
            observation.statistic(weight: weight) / (observation.measuredCount * variance)
        case .whiteness: observation.whiteness
        }
    }

    /// Takes the solution at `weight`; what is not finite ends the search.
    package mutating func advance(_ observation: WeightObservation) {
        let measure = measure(observation)
        guard measure.isFinite, measure > 0 else {
            isSettled = false
            return isDone = true
        }
        if stage == .first { first = observation }
        if stage == .exact { exactSolves += 1 }
        if let noise {
            advance(observation, noise)
        } else {
            lookForTheWhitest(observation)
        }
    }

    /// A step of the method of Gauss and Newton for the sum of squares of `WeightCriterion.discrepancy`.
    private mutating func advance(_ o: WeightObservation, _ noise: NoiseVariance) {
        let statistic = o.statistic(weight: weight)
        let slope = weight * o.squaredLatent / statistic
        let shift = log(weight / noise.variance)
        let excess = log(statistic / (o.measuredCount * noise.variance))
        let scaleVariance = WeightCriterion.scaleDeviation * WeightCriterion.scaleDeviation
        let statisticVariance =
            WeightCriterion.statisticDeviation * WeightCriterion.statisticDeviation + 2 / o.measuredCount
            + noise.relativeError * noise.relativeError
        let gradient = shift / scaleVariance + slope * excess / statisticVariance
        let curvature = 1 / scaleVariance + slope * slope / statisticVariance
        let step = max(-Self.longestStep, min(Self.longestStep, -gradient / curvature))
        isSettled = abs(step) <= Self.tolerance && isWhitestKnown
        if abs(step) <= Self.tolerance || exactSolves == Self.mostExactSolves || (step < 0 && !o.isConverged) {
            return isDone = true
        }
        stage = .exact
        weight = Self.weight(at: log(weight) + step)
    }

    private mutating func lookForTheWhitest(_ observation: WeightObservation) {
        let point = Whiteness(observation, weight: weight)
        seen.insert(point, at: seen.firstIndex { $0.t > point.t } ?? seen.endIndex)
        let best = seen.indices.min { seen[$0].logWhiteness < seen[$1].logWhiteness } ?? 0
        let neighbours = [best - 1, best + 1].filter(seen.indices.contains)
        let isFlat = neighbours.allSatisfy { abs(log(seen[$0].variance / seen[best].variance)) <= Self.tolerance }
        isWhitestKnown = neighbours.count == 2 || (isFlat && !neighbours.isEmpty)
        let share = share(seen[best])
        let isOfLittleUse = stage == .first && share < Self.leastShare
        if (isFlat && isWhitestKnown) || seen.count == 1 + Self.mostRoughSolves || isOfLittleUse {
            isWhitestKnown = isWhitestKnown || isOfLittleUse
            let noise = NoiseVariance(
                variance: exp((1 - share) * log(firstWeight) + share * log(seen[best].variance)),
                relativeError: seen[best].relativeError * share.squareRoot())
            self.noise = noise
            weight = firstWeight
            if let first { advance(first, noise) }
        } else {
            stage = .rough
            let isLast = best == seen.count - 1
            weight = Self.weight(at: seen[best].t + (isLast ? Self.longestStep : -Self.longestStep))
        }
    }

    /// What the variance of a residual counts for beside the first lambda, from 0 to 1: both are weighed by the inverse squares of their
    /// errors.
    private func share(_ whiteness: Whiteness) -> Double {
        guard case .whiteness(let firstError) = criterion, firstError.isFinite else { return 1 }
        let (a, b) = (firstError * firstError, whiteness.relativeError * whiteness.relativeError)
        return a / (a + b)
    }

    /// Within what an `InverseProblem` takes.
    private static func weight(at t: Double) -> Double { min(exp(t), Double(Float.greatestFiniteMagnitude)) }
}
