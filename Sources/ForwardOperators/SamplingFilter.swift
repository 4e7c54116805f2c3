import Glibc

/// Which pixels of an image a smaller one is made from, and with what weights.
///
/// For a factor s the pixel i of the smaller image stands for the s pixels from s i on. Its value is the sum of w(t / s) x over
/// pixels x at distances t from the middle of these s, divided by the sum of the weights: so the filter is as much wider as the
/// image becomes smaller. This is what Pillow's `resize` and MATLAB's `imresize` do, away from the image's edge.
public enum SamplingFilter: Hashable, Sendable {
    /// w(t) = 1 for |t| < 1/2: the mean of the s pixels.
    case mean
    /// w(t) = 1 - |t| for |t| < 1: Pillow's and MATLAB's `bilinear`.
    case triangle
    /// Keys's cubic with a = -1/2, which is 0 from |t| = 2 on (R. Keys, "Cubic convolution interpolation for digital image processing", 1981).
    case bicubic
    /// w(t) = sinc(t) sinc(t / 3) for |t| < 3.
    case lanczos3
    /// exp(-t^2 / (2 sigma^2)) for |t| <= 4 sigma, with t and sigma in pixels of the image, whatever the factor.
    case gaussian(sigma: Double)

    /// The largest sigma of a Gaussian: with it the filter is about as long as the longest point spread.
    static let largestSigma = Double(PointSpread.largestSide / 2) / 4

    /// A filter from its short text: `mean`, `triangle`, `bicubic`, `lanczos3` or `gaussian:SIGMA`. Nil for any other text.
    ///
    /// - Throws: `OperatorError.outOfRange` when SIGMA is not above 0, or too large.
    public init?(parsing text: String) throws(OperatorError) {
        switch text {
        case "mean": self = .mean
        case "triangle": self = .triangle
        case "bicubic": self = .bicubic
        case "lanczos3": self = .lanczos3
        default:
            let prefix = "gaussian:"
            guard text.hasPrefix(prefix), let sigma = Double(text.dropFirst(prefix.count)) else { return nil }
            self = .gaussian(sigma: sigma)
        }
        try requireUsable()
    }

    /// How many pixels in a row have a weight, at least `factor` and as even or odd as it is.
    ///
    /// - Throws: `OperatorError.outOfRange` when `factor` is not in 1 ... 2^31 - 1, or for a sigma that is not allowed.
    public func extent(factor: Int) throws(OperatorError) -> Int {
        guard factor >= 1, factor <= Int32.max else {
            throw OperatorError.outOfRange(
                parameter: "the downsampling factor", value: "\(factor)", allowed: "from 1 to \(Int32.max)")
        }
        try requireUsable()
        // The distances are whole for an odd factor, and halves for an even one.
        let isEven = factor.isMultiple(of: 2)
        return switch self {
        case .mean: factor
        case .triangle: isEven ? 2 * factor : 2 * factor - 1
        case .bicubic: isEven ? 4 * factor : 4 * factor - 1
        case .lanczos3: isEven ? 6 * factor : 6 * factor - 1
        case .gaussian(let sigma): max(factor, isEven ? 2 * Int(4 * sigma + 0.5) : 2 * Int(4 * sigma) + 1)
        }
    }

    /// The weights of the `extent` pixels, whose sum is 1. They read the same from both sides.
    ///
    /// - Throws: as `extent`.
    func weights(factor: Int) throws(OperatorError) -> [Double] {
        let extent = try extent(factor: factor)
        let distances = (0 ..< extent).map { Double($0) - Double(extent - 1) / 2 }
        let weights = distances.map { weight(at: $0, factor: Double(factor)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// The weight, before division by the sum, at a distance in pixels of the image.
    private func weight(at distance: Double, factor: Double) -> Double {
        let t = abs(distance) / factor
        switch self {
        case .mean: return 1
        case .triangle: return 1 - t
        case .bicubic: return t < 1 ? 1 + t * t * (1.5 * t - 2.5) : 2 + t * (-4 + t * (2.5 - 0.5 * t))
        case .lanczos3: return Self.sinc(t) * Self.sinc(t / 3)
        case .gaussian(let sigma):
            guard abs(distance) <= max(4 * sigma, 0.5) else { return 0 }
            // The nearest pixels have the weight 1, so that the sum is never 0.
            let nearest = factor.truncatingRemainder(dividingBy: 2) == 0 ? 0.5 : 0
            return exp(-(distance * distance - nearest * nearest) / (2 * sigma * sigma))
        }
    }

    private static func sinc(_ t: Double) -> Double {
        if t == t.rounded() { return t == 0 ? 1 : 0 }
        return sin(.pi * t) / (.pi * t)
    }

    private func requireUsable() throws(OperatorError) {
        guard case .gaussian(let sigma) = self else { return }
        guard sigma > 0, sigma <= Self.largestSigma else {
            throw OperatorError.outOfRange(
                parameter: "the sigma of the Gaussian filter", value: "\(sigma)", allowed: "above 0 and at most \(Self.largestSigma)")
        }
    }
}

extension SamplingFilter: CustomStringConvertible {
    /// The text that `init(parsing:)` takes.
    public var description: String {
        switch self {
        case .mean: "mean"
        case .triangle: "triangle"
        case .bicubic: "bicubic"
        case .lanczos3: "lanczos3"
        case .gaussian(let sigma): "gaussian:\(sigma)"
        }
    }
}
