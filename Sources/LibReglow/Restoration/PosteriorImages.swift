import CReglow
import Imaging
import KernelInterface
import Reglow

/// What the posterior of one measurement says, in memory that a caller may look at.
struct PosteriorImages: Sendable {
    let facts: reglow_posterior_facts
    let deviation: AlignedBuffer<Float>
    let mode: AlignedBuffer<Float>
    let quantiles: [AlignedBuffer<Float>]
    let samples: [AlignedBuffer<Float>]

    /// - Parameter mode: in the channels of the mean.
    init(_ estimate: PosteriorEstimate, mode: Image) {
        facts = reglow_posterior_facts(estimate)
        deviation = AlignedBuffer(pixelsOf: estimate.deviation)
        self.mode = AlignedBuffer(pixelsOf: mode)
        quantiles = estimate.quantiles.map { AlignedBuffer(pixelsOf: $0.image) }
        samples = estimate.samples.map { AlignedBuffer(pixelsOf: $0) }
    }
}

extension AlignedBuffer where Element == Float {
    fileprivate convenience init(pixelsOf image: Image) {
        self.init(count: image.pixels.count)
        fill(image.pixels)
    }
}
