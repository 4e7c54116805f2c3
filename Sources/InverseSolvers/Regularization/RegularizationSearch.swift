import Glibc

/// What a criterion looks at in a solution.
package struct RegularizationObservation {
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
    func statistic(regularizationWeight: Double) -> Double { squaredResidual + regularizationWeight * squaredLatent }
}

/// The search for the lambda of one image, by reverse communication as `Minimizer` is: it says which lambda to solve for next, how exactly
/// and from where.
///
///     loop while `isDone` is false: solve for `regularizationWeight`, as `stage` says; `advance`
///
/// The first solve is that of any call, from the start of the problem. Those after it begin at a solution: which of the many images
/// of nearly the same objective a solve finds is decided on its way through the latent, and a search that began with coarse
/// solves would lose that. Where the first lambda is the one sought, the search is that one solve.
///
/// Steps are in t = log lambda. For the discrepancy they are those of the method of Gauss and Newton for its criterion; at a minimum
/// of E the derivative of E in lambda is |z|^2 / 2, so the slope of log S costs nothing. Whiteness asks `WhitestResidual` for sigma^2
/// first, then it is the same.
///
/// Before the minimum is reached, S is too large. So a solve that used up its budget cannot say that lambda must fall: it ends the
/// search.
package struct RegularizationSearch {
    package enum Stage: CaseIterable {
        /// The solve that would be the only one without a search.
        case first
        /// A solve whose residual is looked at, no more, from the last solution.
        case coarse
        /// A solve that is the result unless another follows, from the last solution that could have been it.
        case exact
    }

    /// Exact solves after the first, at most.
    package static let mostExactSolves = 3
    /// A coarse solve ends where the objective fell by no more than this part of itself in so many steps.
    static let coarseProgress = 1e-2
    static let coarseWindow = 3
    /// What the tolerance of progress is multiplied with for an exact solve after the first, and in so many steps: the objective of a
    /// start near the minimum falls little, however far the image is.
    static let warmProgress = 0.5
    static let warmWindow = 5
    /// The longest step in t.
    static let longestStep = log(4.0)
    /// A step in t below this ends the search: what lambda changes by so little changes no image by 0.1 dB.
    static let tolerance = log(1.2)

    /// lambda of the next solve, or of the last.
    package private(set) var regularizationWeight: Double
    package private(set) var stage = Stage.first
    package private(set) var isDone = false
    package private(set) var isSettled = false

    private let criterion: RegularizationCriterion
    private let firstWeight: Double
    private var first: RegularizationObservation?
    private var exactSolves = 0
    /// What is known of sigma^2: for whiteness from when no coarse solve is to follow.
    private var noise: NoiseVariance?
    private var whitest: WhitestResidual?

    /// A search that begins at lambda = `regularizationWeight` > 0.
    package init(_ criterion: RegularizationCriterion, regularizationWeight: Double) {
        self.criterion = criterion
        self.regularizationWeight = regularizationWeight
        firstWeight = regularizationWeight
        switch criterion {
        case .discrepancy(let variance, let relativeError):
            noise = NoiseVariance(variance: variance, relativeError: relativeError)
        case .whiteness(let relativeError):
            whitest = WhitestResidual(besides: NoiseVariance(variance: regularizationWeight, relativeError: relativeError))
        }
    }

    /// `RegularizationStep.measure` of a solution at `regularizationWeight`.
    package func measure(_ observation: RegularizationObservation) -> Double {
        switch criterion {
        case .discrepancy(let variance, _):
            observation.statistic(regularizationWeight: regularizationWeight) / (observation.measuredCount * variance)
        case .whiteness: observation.whiteness
        }
    }

    /// Takes the solution at `regularizationWeight`; what is not finite ends the search.
    package mutating func advance(_ observation: RegularizationObservation) {
        let measure = measure(observation)
        guard measure.isFinite, measure > 0 else {
            isSettled = false
            return isDone = true
        }
        if stage == .first { first = observation }
        if stage == .exact { exactSolves += 1 }
        if let noise { return advance(observation, noise) }
        guard let next = whitest?.next(after: observation, regularizationWeight: regularizationWeight), let first else { return }
        switch next {
        case .look(let regularizationWeight):
            stage = .coarse
            self.regularizationWeight = Self.regularizationWeight(at: log(regularizationWeight))
        case .known(let noise):
            self.noise = noise
            regularizationWeight = firstWeight
            advance(first, noise)
        }
    }

    /// A step of the method of Gauss and Newton for the sum of squares of `RegularizationCriterion.discrepancy`.
    private mutating func advance(_ o: RegularizationObservation, _ noise: NoiseVariance) {
        let statistic = o.statistic(regularizationWeight: regularizationWeight)
        let slope = regularizationWeight * o.squaredLatent / statistic
        let shift = log(regularizationWeight / noise.variance)
        let excess = log(statistic / (o.measuredCount * noise.variance))
        let scaleVariance = RegularizationCriterion.scaleDeviation * RegularizationCriterion.scaleDeviation
        let statisticVariance =
            RegularizationCriterion.statisticDeviation * RegularizationCriterion.statisticDeviation + 2 / o.measuredCount
            + noise.relativeError * noise.relativeError
        let gradient = shift / scaleVariance + slope * excess / statisticVariance
        let curvature = 1 / scaleVariance + slope * slope / statisticVariance
        let step = max(-Self.longestStep, min(Self.longestStep, -gradient / curvature))
        isSettled = abs(step) <= Self.tolerance && whitest?.isAtTheEdge != true
        if abs(step) <= Self.tolerance || exactSolves == Self.mostExactSolves || (step < 0 && !o.isConverged) {
            return isDone = true
        }
        stage = .exact
        regularizationWeight = Self.regularizationWeight(at: log(regularizationWeight) + step)
    }

    /// Within what an `InverseProblem` takes.
    private static func regularizationWeight(at t: Double) -> Double { min(exp(t), Double(Float.greatestFiniteMagnitude)) }
}
