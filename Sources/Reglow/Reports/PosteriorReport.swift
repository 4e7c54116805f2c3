import Imaging
import InverseSolvers
import TrainingReports

/// What draws from the posterior of an image were like.
package struct PosteriorReport: Encodable {
    package let samples: Int
    package let chains: Int
    package let burnIn: Int
    package let acceptance: [Double]
    package let stepSizes: [Double]
    package let rHat: JSONNumber
    package let effectiveSamples: JSONNumber
    package let medianEffectiveSamples: JSONNumber
    package let isMixed: Bool
    package let evaluations: Int
    package let seconds: Double
    /// The root of the mean square of the deviation over all pixels and channels.
    package let deviation: Double
    /// PSNR and SSIM of the mode, where the truth is known.
    package let modePsnr: JSONNumber?
    package let modeSsim: JSONNumber?
    /// The part of the truth's pixels that lie between the least and the largest quantile, and what it should be.
    package let coverage: JSONNumber?
    package let nominalCoverage: JSONNumber?
    /// Files beside the restored image.
    package let uncertaintyOutput: String?
    package let samplesOutput: [String]?

    /// - Parameters:
    ///   - mode: the quality of the mode; nil where the truth is not known.
    ///   - coverage: see `PosteriorEstimate.coverage(of:)`.
    package init(
        _ estimate: PosteriorEstimate, mode: Quality?, coverage: (found: Double, nominal: Double)?, uncertaintyOutput: String?,
        samplesOutput: [String]?
    ) {
        let diagnostics = estimate.diagnostics
        (samples, chains, burnIn) = (diagnostics.samples, diagnostics.chains, diagnostics.burnIn)
        (acceptance, stepSizes) = (diagnostics.acceptance, diagnostics.stepSizes)
        rHat = JSONNumber(diagnostics.rHat)
        effectiveSamples = JSONNumber(diagnostics.effectiveSamples)
        medianEffectiveSamples = JSONNumber(diagnostics.medianEffectiveSamples)
        isMixed = diagnostics.isMixed
        (evaluations, seconds) = (diagnostics.evaluations, diagnostics.seconds)
        let pixels = estimate.deviation.pixels
        deviation = (pixels.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, pixels.count))).squareRoot()
        (modePsnr, modeSsim) = (mode?.psnr, mode?.ssim)
        self.coverage = coverage.map { JSONNumber($0.found) }
        nominalCoverage = coverage.map { JSONNumber($0.nominal) }
        (self.uncertaintyOutput, self.samplesOutput) = (uncertaintyOutput, samplesOutput)
    }

    package var text: String {
        let mode = modePsnr.map { " (mode \(Quality.decibel($0.value)) dB)" } ?? ""
        let rest = "mean of \(samples) samples\(mode), deviation \(deviation.fixed(4)), R-hat \((rHat.value ?? .nan).fixed(3)), "
        return rest + "\((effectiveSamples.value ?? 0).fixed(0)) effective, \(evaluations) more evaluations in \(seconds.fixed(1)) s"
    }
}

extension PosteriorEstimate {
    /// The part of a truth's numbers that lie between the image of the least quantile and that of the largest, and what it should be; nil where
    /// there are not two quantiles, or the truth has another shape.
    ///
    /// Of S independent draws the r-th has the part r / (S + 1) of the density below it, on average. So between the quantiles a and b, which are
    /// the draws 1 + a (S - 1) and 1 + b (S - 1) of those in their order, is (b - a) (S - 1) / (S + 1) of it.
    package func coverage(of truth: Image) -> (found: Double, nominal: Double)? {
        guard let low = quantiles.min(by: { $0.level < $1.level }), let high = quantiles.max(by: { $0.level < $1.level }),
            low.level < high.level, truth.shape == low.image.shape
        else { return nil }
        let inside = truth.pixels.indices.count { low.image.pixels[$0] <= truth.pixels[$0] && truth.pixels[$0] <= high.image.pixels[$0] }
        let draws = Double(samples.count)
        return (Double(inside) / Double(truth.pixels.count), (high.level - low.level) * (draws - 1) / (draws + 1))
    }
}
