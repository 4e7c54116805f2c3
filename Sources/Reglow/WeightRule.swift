import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface

/// How lambda, the weight of the prior, is chosen for each image.
public enum WeightRule: Sendable, Hashable {
    /// This lambda.
    case fixed(Double)
    /// lambda = sigma^2, the Bayesian weight: `Restorer.defaultWeight(noiseDeviation:)`. One solve.
    case noiseVariance(NoiseLevel)
    /// The discrepancy principle: `WeightCriterion.discrepancy`. It makes good what the scale of the prior lacks, where the data say so
    /// beyond doubt: an estimated sigma leaves more doubt than a known one.
    case discrepancy(NoiseLevel)
    /// `WeightCriterion.whiteness`, for a sigma that is not known, of measurements that are images; weighed with the estimated sigma,
    /// where there is one.
    case whiteness

    /// sigma on the [0, 1] scale.
    public enum NoiseLevel: Sendable, Hashable {
        case known(Double)
        /// From the measurement: `NoiseEstimate`.
        case estimated
    }
}

/// A rule, applied to one measurement.
struct ChosenWeight {
    /// lambda, or the one where the search begins.
    let weight: Double
    /// Nil where lambda is not searched for.
    let criterion: WeightCriterion?
    /// sigma that the rule was told or estimated; nil where it asked for none.
    let noiseDeviation: Double?

    /// The first sigma of a search for a measurement that tells none.
    private static let firstDeviation = 0.01

    /// - Throws: `NoiseEstimateError` where the rule needs a sigma that cannot be estimated.
    init(_ rule: WeightRule, for measurement: ImageMeasurement, _ forwardOperator: any ForwardOperator) throws {
        switch rule {
        case .fixed(let weight):
            self.init(weight: weight, criterion: nil, noiseDeviation: nil)
        case .noiseVariance(let level):
            let deviation = try measurement.noise(level, forwardOperator).deviation
            let weight = Restorer.defaultWeight(noiseDeviation: deviation)
            self.init(weight: weight, criterion: nil, noiseDeviation: deviation)
        case .discrepancy(let level):
            let (deviation, relativeError) = try measurement.noise(level, forwardOperator)
            let variance = Restorer.defaultWeight(noiseDeviation: deviation)
            self.init(
                weight: variance, criterion: .discrepancy(variance: variance, relativeError: 2 * relativeError),
                noiseDeviation: deviation)
        case .whiteness:
            let (deviation, relativeError) =
                (try? measurement.noise(.estimated, forwardOperator)) ?? (Self.firstDeviation, .infinity)
            let weight = Restorer.defaultWeight(noiseDeviation: deviation)
            self.init(weight: weight, criterion: .whiteness(relativeError: 2 * relativeError), noiseDeviation: nil)
        }
    }

    /// The same for a measurement whose lambda is known by now.
    func settled(_ weight: Double) -> ChosenWeight { ChosenWeight(weight: weight, criterion: nil, noiseDeviation: noiseDeviation) }

    private init(weight: Double, criterion: WeightCriterion?, noiseDeviation: Double?) {
        self.weight = weight
        self.criterion = criterion
        self.noiseDeviation = noiseDeviation
    }
}

extension ImageMeasurement {
    /// sigma of this measurement by an operator whose measurement has its height and width, and its relative error.
    fileprivate func noise(
        _ level: WeightRule.NoiseLevel, _ forwardOperator: any ForwardOperator
    ) throws -> (deviation: Double, relativeError: Double) {
        switch level {
        case .known(let deviation): return (deviation, 0)
        case .estimated:
            let estimate = try NoiseEstimate(of: values, shape: shape, measured: forwardOperator.measuredPixels())
            return (estimate.deviation, estimate.relativeError)
        }
    }
}
