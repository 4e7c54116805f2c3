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
/// of E the derivative of E in lambda is |z|^2 / 2, so the slope of log S costs nothing. Whiteness asks `WhitestResidual` for sigma^2
/// first, then it is the same.
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

    /// Exact solves after the first, at most.
    package static let mostExactSolves = 3
    /// A rough solve ends where the objective fell by no more than this part of itself in so many steps.
    static let roughProgress = 1e-2
    static let roughWindow = 3
    /// What the tolerance of progress is multiplied with for an exact solve after the first, and in so many steps: the objective of a
    /// start near the minimum falls little, however far the image is.
    static let warmProgress = 0.5
    static let warmWindow = 5
    /// The longest step in t.
    static let longestStep = log(4.0)
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
    private var whitest: WhitestResidual?

    /// A search that begins at lambda = `weight` > 0.
    package init(_ criterion: WeightCriterion, weight: Double) {
        self.criterion = criterion
        self.weight = weight
        firstWeight = weight
        switch criterion {
        case .discrepancy(let variance, let relativeError):
            noise = NoiseVariance(variance: variance, relativeError: relativeError)
        case .whiteness(let relativeError):
            whitest = WhitestResidual(besides: NoiseVariance(variance: weight, relativeError: relativeError))
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
        if let noise { return advance(observation, noise) }
        guard let next = whitest?.next(after: observation, weight: weight), let first else { return }
        switch next {
        case .look(let weight):
            stage = .rough
            self.weight = Self.weight(at: log(weight))
        case .known(let noise):
            self.noise = noise
            weight = firstWeight
            advance(first, noise)
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
        isSettled = abs(step) <= Self.tolerance && whitest?.isAtTheEdge != true
        if abs(step) <= Self.tolerance || exactSolves == Self.mostExactSolves || (step < 0 && !o.isConverged) {
            return isDone = true
        }
        stage = .exact
        weight = Self.weight(at: log(weight) + step)
    }

    /// Within what an `InverseProblem` takes.
    private static func weight(at t: Double) -> Double { min(exp(t), Double(Float.greatestFiniteMagnitude)) }
}
