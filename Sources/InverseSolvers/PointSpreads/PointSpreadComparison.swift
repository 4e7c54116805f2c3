import ForwardOperators
import KernelInterface

/// How much better another point spread explains the spectrum of a blurred picture than the one that is told.
///
/// A blur leaves its mark on the power of a picture: it is small where the blur lets little through. Each candidate, the point spread
/// stretched and a narrow Gaussian, is given the likeliest smooth spectrum of a sharp picture (`SpectrumFit`). The gain of the best is the logarithm of how much likelier
/// it makes the picture, less that of the point spread as told. It needs neither the restored picture nor the prior.
package struct PointSpreadComparison: Sendable, Hashable {
    /// How much likelier the best of the candidates makes the spectrum, in nats; below 0 where none is as good as what is told.
    package let gain: Double
    /// How many times as wide as what is told the best candidate is.
    package let width: Double

    private static let stretches = [0.7, 0.85, 1.2, 1.4]
    /// The deviation of a Gaussian, of that of the point spread. A wide one would explain any picture that is not sharp.
    private static let gaussian = 0.5
    /// Pixels: a Gaussian is not made narrower because a point spread has a deviation of less.
    private static let leastDeviation = 0.5
    /// The variance of the rounding to 8 bits; less noise is taken as this.
    private static let leastNoise = 1 / (12.0 * 255 * 255)

    /// - Parameters:
    ///   - picture: the measurement, planar; each number is that of a pixel.
    ///   - isPeriodic: whether the blur was periodic.
    ///   - noiseVariance: that of the noise in the mean of the channels.
    /// - Returns: nil for a picture with less than 32 rows or columns, and where a number is not finite.
    /// - Throws: `OperatorError` when FFTW has no plan for a block of the picture.
    package init?(
        _ picture: [Float], _ shape: ImageShape, pointSpread: PointSpread, isPeriodic: Bool, noiseVariance: Double
    ) throws {
        guard let spectrum = try BlockSpectrum(of: picture, shape, isPeriodic: isPeriodic) else { return nil }
        let features = SpectrumFit.features(of: spectrum)
        let noise = max(noiseVariance, Self.leastNoise)
        func fit(_ candidate: StretchedSpread, start: [Double]? = nil) -> SpectrumFit {
            SpectrumFit(
                spectrum.powers, transfer: candidate.squaredTransfer(at: spectrum), features: features, noise: noise, start: start)
        }
        let told = fit(.stretched(pointSpread, by: 1))
        let deviation = max(pointSpread.deviation, Self.leastDeviation)
        let candidates =
            Self.stretches.map { (width: $0, spread: StretchedSpread.stretched(pointSpread, by: $0)) }
            + [(width: Self.gaussian, spread: .gaussian(Self.gaussian * deviation))]
        let losses = candidates.map { fit($0.spread, start: told.parameters).loss }
        guard told.loss.isFinite, let best = losses.indices.min(by: { losses[$0] < losses[$1] }), losses[best].isFinite else { return nil }
        gain = told.loss - losses[best]
        width = candidates[best].width
    }
}
