import KernelInterface

/// sigma of white noise, from a measured image alone.
///
/// The finest diagonal Haar detail of each 2 x 2 block, all blocks that overlap included,
///
///     d = (y[i, j] - y[i, j+1] - y[i+1, j] + y[i+1, j+1]) / 2
///
/// has the deviation of the noise, and little of a smooth image. As in Donoho and Johnstone, "Ideal spatial adaptation by
/// wavelet shrinkage" (1994), sigma is the median of |d| over 0.6745, which edges hardly move. Of a colour image it is the
/// difference of neighbouring channels, (d_c - d_(c+1)) / sqrt(2), of the same deviation: what details an image has, its
/// channels share.
///
/// Blur leaves the noise and takes away details, so its sigma is the best known. Downsampling leaves details, and a sigma that
/// is too large where the noise is weak. Noise that the channels share, as in a grey image kept in colour or a JPEG file with
/// halved chroma, is not seen in differences: three equal channels are taken as one, the JPEG file gives a sigma that is too
/// small.
public struct NoiseEstimate: Sendable {
    /// Of a median over fewer blocks little can be said.
    static let fewestBlocks = 16
    /// The median of |x| for a standard normal x.
    private static let normalMedian = 0.674489750196082
    /// What details of the image, not of the noise, make of sigma on faces, as a part of it.
    private static let systematicError = 0.05
    /// n times the variance of the median of |x| over its mean, squared, for n independent standard normal x.
    private static let medianVariance = 1.36

    /// The sum of the squares of the correlations of a detail with all others of its channel, for white noise: each counts as much less
    /// than an independent one.
    private static let overlap = 2.25

    /// sigma
    public let deviation: Double
    /// The standard deviation of this estimate over sigma: 0.05 from details of the image, and the median's own.
    public let relativeError: Double

    /// - Parameters:
    ///   - measurement: planar, with `shape`.
    ///   - measured: which of its `shape.pixels` pixels count; a block counts where all four do.
    /// - Throws: `NoiseEstimateError` where an array has another length or too few blocks count.
    public init(of measurement: [Float], shape: ImageShape, measured: [Bool]) throws {
        guard measurement.count == shape.count, measured.count == shape.pixels else {
            throw NoiseEstimateError.length(of: shape, measurement: measurement.count, measured: measured.count)
        }
        let blocks = Self.completeBlocks(shape, measured)
        guard blocks.count >= Self.fewestBlocks else {
            throw NoiseEstimateError.fewBlocks(found: blocks.count, required: Self.fewestBlocks)
        }
        let details = (0 ..< shape.channels).map { channel in
            blocks.map { Self.detail(measurement, at: channel * shape.pixels + $0, width: shape.width) }
        }
        var contrasts = zip(details, details.dropFirst()).map { zip($0, $1).map { ($0 - $1) / 2.0.squareRoot() } }
        if contrasts.allSatisfy({ $0.allSatisfy { $0 == 0 } }) { contrasts = [details[0]] }
        let magnitudes = contrasts.joined().map(abs).sorted()
        deviation = magnitudes[magnitudes.count / 2] / Self.normalMedian
        let independent = Double(magnitudes.count) / Self.overlap
        relativeError = (Self.systematicError * Self.systematicError + Self.medianVariance / independent).squareRoot()
    }

    /// The index in a plane of the first pixel of each block whose pixels all count.
    private static func completeBlocks(_ shape: ImageShape, _ measured: [Bool]) -> [Int] {
        var blocks: [Int] = []
        for row in 0 ..< max(0, shape.height - 1) {
            for first in row * shape.width ..< row * shape.width + max(0, shape.width - 1) {
                let below = first + shape.width
                if measured[first] && measured[first + 1] && measured[below] && measured[below + 1] { blocks.append(first) }
            }
        }
        return blocks
    }

    private static func detail(_ y: [Float], at first: Int, width: Int) -> Double {
        let below = first + width
        return (Double(y[first]) - Double(y[first + 1]) - Double(y[below]) + Double(y[below + 1])) / 2
    }
}

/// Why sigma cannot be estimated.
public enum NoiseEstimateError: Error, Equatable, CustomStringConvertible {
    case length(of: ImageShape, measurement: Int, measured: Int)
    case fewBlocks(found: Int, required: Int)

    public var description: String {
        switch self {
        case .length(let shape, let measurement, let measured):
            "an image of \(shape) has \(shape.count) numbers and \(shape.pixels) pixels, not \(measurement) and \(measured)"
        case .fewBlocks(let found, let required):
            "the noise cannot be estimated: the measurement has \(found) complete blocks of 2x2 pixels, but \(required) are needed"
        }
    }
}
