import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface

/// How lambda, the regularization weight, is chosen for each image.
public enum RegularizationRule: Sendable, Hashable {
    /// This lambda.
    case fixed(Double)
    /// lambda = sigma^2, the Bayesian choice: `Restorer.defaultRegularizationWeight(noiseDeviation:)`. One solve.
    case noiseVariance(NoiseLevel)
    /// The discrepancy principle: `RegularizationCriterion.discrepancy`. It makes good what the scale of the prior lacks, where the data say so
    /// beyond doubt: an estimated sigma leaves more doubt than a known one.
    case discrepancy(NoiseLevel)
    /// `RegularizationCriterion.whiteness`, for a sigma that is not known, of measurements that are images; weighed with the estimated sigma,
    /// where there is one.
    case whiteness

    /// sigma on the [0, 1] scale.
    public enum NoiseLevel: Sendable, Hashable {
        /// sigma is this.
        case known(Double)
        /// sigma estimated from the measurement: `NoiseEstimate`, whose verdict may be a bound from below. `RestoredImage.noiseEstimate` has it.
        case estimated
    }
}

/// A rule, applied to one measurement.
struct ChosenRegularization {
    /// lambda, or the one where the search begins.
    let regularizationWeight: Double
    /// This is nil where lambda is not searched for.
    let criterion: RegularizationCriterion?
    /// sigma that the rule was told or estimated; nil where it asked for none.
    let noiseDeviation: Double?
    /// The estimate, where there was one.
    let noiseEstimate: NoiseEstimate?

    /// The first sigma of a search for a measurement that tells none.
    private static let firstDeviation = 0.01
    /// The relative error of a variance for whiteness where the estimate is not of white noise: whether a residual is noise or texture cannot be
    /// told either then, so the estimate counts for nearly all.
    private static let errorWithoutWhiteNoise = 0.02

    /// - Throws: `NoiseEstimateError` where the rule needs a sigma and the measurement is not an image.
    init(
        _ rule: RegularizationRule, for measurement: ImageMeasurement, of problem: Problem, _ forwardOperator: any ForwardOperator
    ) throws {
        switch rule {
        case .fixed(let weight):
            self.init(regularizationWeight: weight)
        case .noiseVariance(let level):
            let noise = try measurement.noise(level, forwardOperator, problem)
            let isShared = measurement.shape.channels == 1 || noise.estimate?.isShared == true
            let copies = isShared ? forwardOperator.imageShape.channels : 1
            let isDenoising = problem.isDenoising && forwardOperator is Identity
            let factor = isDenoising ? noise.estimate.map { Self.denoisingFactor($0, copies: copies) } : nil
            self.init(
                regularizationWeight: (factor ?? 1) * Restorer.defaultRegularizationWeight(noiseDeviation: noise.deviation),
                noiseDeviation: noise.deviation,
                noiseEstimate: noise.estimate)
        case .discrepancy(let level):
            let noise = try measurement.noise(level, forwardOperator, problem)
            let variance = Restorer.defaultRegularizationWeight(noiseDeviation: noise.deviation)
            self.init(
                regularizationWeight: variance,
                criterion: .discrepancy(variance: variance, relativeError: 2 * (noise.estimate?.relativeError ?? 0)),
                noiseDeviation: noise.deviation, noiseEstimate: noise.estimate)
        case .whiteness:
            let estimate = try? measurement.noise(.estimated, forwardOperator, problem).estimate
            let weight = Restorer.defaultRegularizationWeight(noiseDeviation: estimate?.deviation ?? Self.firstDeviation)
            let relativeError = estimate.map { $0.verdict == .measured ? 2 * $0.relativeError : Self.errorWithoutWhiteNoise }
            self.init(
                regularizationWeight: weight, criterion: .whiteness(relativeError: relativeError ?? .infinity), noiseEstimate: estimate)
        }
    }

    /// What lambda = sigma^2 is multiplied with for denoising with an estimated sigma, where `copies` channels hold one noise.
    ///
    /// The data fidelity counts such a noise C times, so that C sigma^2 would be right. But a picture has some grain of its own, and the prior
    /// learnt from pictures with rounding noise: what is weaker is no more improbable to it than the picture's finest details, and is
    /// left. Grey, where details and noise lie together, more than colours, where there are few details.
    private static func denoisingFactor(_ estimate: NoiseEstimate, copies: Int) -> Double {
        let variance = Restorer.defaultRegularizationWeight(noiseDeviation: estimate.deviation)
        let copies = Double(copies)
        let unseen = copies * unseenVariance
        return copies * variance * variance / (variance * variance + copies * unseen * variance + unseen * unseen)
    }

    /// Where sigma^2 is this, lambda is a third of it: at sigma = 0.006.
    private static let unseenVariance = 4e-5

    /// The same for a measurement whose lambda is known by now.
    func settled(_ regularizationWeight: Double) -> ChosenRegularization {
        ChosenRegularization(regularizationWeight: regularizationWeight, noiseDeviation: noiseDeviation, noiseEstimate: noiseEstimate)
    }

    private init(
        regularizationWeight: Double, criterion: RegularizationCriterion? = nil, noiseDeviation: Double? = nil,
        noiseEstimate: NoiseEstimate? = nil
    ) {
        self.regularizationWeight = regularizationWeight
        self.criterion = criterion
        self.noiseDeviation = noiseDeviation
        self.noiseEstimate = noiseEstimate
    }
}

extension ImageMeasurement {
    /// sigma that is taken at least where an operator mixes pixels and the estimate does not measure white noise. Undoing a blur makes
    /// much of the smallest error, and a picture that comes from outside has others than noise: its coding, its curve of brightness, a
    /// point spread that is nearly right.
    private static let leastMixedDeviation = 0.01

    /// sigma of this measurement by an operator whose measurement has its height and width; with the estimate where it is one.
    fileprivate func noise(
        _ level: RegularizationRule.NoiseLevel, _ forwardOperator: any ForwardOperator, _ problem: Problem
    ) throws -> (deviation: Double, estimate: NoiseEstimate?) {
        switch level {
        case .known(let deviation): return (deviation, nil)
        case .estimated:
            guard isImage else { throw NoiseEstimateError.notAnImage }
            let estimate =
                try noiseEstimate ?? NoiseEstimate(of: values, shape: shape, measured: forwardOperator.measuredPixels())
            let isSure = problem.measuresPixels || estimate.verdict == .measured
            return (isSure ? estimate.deviation : max(estimate.deviation, Self.leastMixedDeviation), estimate)
        }
    }
}
