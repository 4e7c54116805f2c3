import Glibc

/// An estimate of sigma^2 and its standard deviation over itself; infinite for a guess.
struct NoiseVariance {
    var variance: Double
    var relativeError: Double

    /// The mean of both logarithms by the inverse squares of the errors.
    ///
    /// - Parameter share: what this one counts for, from 0 to 1: see `share(besides:)`.
    func mean(with other: NoiseVariance, share: Double) -> NoiseVariance {
        NoiseVariance(
            variance: exp((1 - share) * log(other.variance) + share * log(variance)),
            relativeError: relativeError * share.squareRoot())
    }

    func share(besides other: NoiseVariance) -> Double {
        guard other.relativeError.isFinite else { return 1 }
        let (a, b) = (other.relativeError * other.relativeError, relativeError * relativeError)
        return a / (a + b)
    }
}

/// The search for the lambda whose residual is the whitest, for its variance: `RegularizationCriterion.whiteness`.
///
/// W is minimized over lambdas a factor 4 apart, until the variance of the residual, which is what is sought, changes little from one to
/// the next. Where it counts for little beside the estimate that there is, no second lambda is looked at.
package struct WhitestResidual {
    enum Next {
        /// A solve at this lambda.
        case look(Double)
        case known(NoiseVariance)
    }

    /// Lambdas that are looked at, the first included, at most.
    package static let mostLambdas = 3
    private static let factor = 4.0
    /// What the variance of the first residual must count for, where others are looked at.
    private static let leastShare = 0.2

    private struct Point {
        let regularizationWeight, whiteness: Double
        let noise: NoiseVariance
    }

    /// Whether the whitest residual seen was that of the largest or the least lambda, and others beyond may be whiter.
    private(set) var isAtTheEdge = false

    private let known: NoiseVariance
    /// What is known of each lambda, in rising order.
    private var points: [Point] = []

    /// - Parameter known: the other estimate.
    init(besides known: NoiseVariance) { self.known = known }

    /// Takes the solution at lambda = `regularizationWeight`, of a finite whiteness above 0.
    mutating func next(after observation: RegularizationObservation, regularizationWeight: Double) -> Next {
        let point = Point(regularizationWeight: regularizationWeight, whiteness: observation.whiteness, noise: Self.noise(observation))
        points.insert(point, at: points.firstIndex { $0.regularizationWeight > regularizationWeight } ?? points.endIndex)
        let best = points.indices.min { points[$0].whiteness < points[$1].whiteness } ?? 0
        let noise = points[best].noise
        let share = noise.share(besides: known)
        let neighbours = [best - 1, best + 1].filter(points.indices.contains).map { points[$0].noise }
        let isFlat = neighbours.allSatisfy { abs(log($0.variance / noise.variance)) <= RegularizationSearch.tolerance }
        let isFound = isFlat && !neighbours.isEmpty
        let isOfLittleUse = points.count == 1 && share < Self.leastShare
        guard isFound || isOfLittleUse || points.count == Self.mostLambdas else {
            return .look(points[best].regularizationWeight * (best == points.count - 1 ? Self.factor : 1 / Self.factor))
        }
        isAtTheEdge = neighbours.count < 2 && !isFound && !isOfLittleUse
        return .known(noise.mean(with: known, share: share))
    }

    /// |r|^2 / (M - |z|^2), as wrong as the scale of |z|^2 makes it; at most half of M is taken for lost.
    private static func noise(_ o: RegularizationObservation) -> NoiseVariance {
        let lost = min(o.squaredLatent, o.measuredCount / 2)
        let left = o.measuredCount - lost
        let scaleError = RegularizationCriterion.scaleDeviation * lost / left
        return NoiseVariance(variance: o.squaredResidual / left, relativeError: (scaleError * scaleError + 2 / left).squareRoot())
    }
}
