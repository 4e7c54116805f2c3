import Files
import KernelInterface

/// sigma of the noise of a measured image, from the image alone, with what can be said for it.
///
/// The fine details of the weakest textured patches hold the noise and little else (`WeakPatches`). Their covariance over the channels,
/// the mean over all details, has eigenvectors: of a photograph one is near to grey, with the texture that its channels share, and
/// the others are colours; of a grey picture kept in colour all noise is in one. The noise of each combination is found by itself
/// (`NoiseFloor`), and sigma^2 is the mean of all, which is the mean variance of a number of the measurement.
///
/// - Where the strongest combination shows no floor but another does, at more than the rounding, the noise is taken to be as strong in all: the
///   strongest has the texture. At the rounding this would call a grey picture free of noise.
/// - Where none shows a floor the details are texture or correlated noise. sigma is then a bound from below: a sigma that is too small leaves
///   noise, one that is too large takes the picture's own texture.
/// - The rounding of an 8 or 16 bit file bounds sigma from below: `rounding(of:)`.
///
/// No bit of the result depends on threads or processor.
public struct NoiseEstimate: Sendable, Equatable {
    /// How sigma was found.
    public enum Verdict: String, Sendable {
        /// White noise was found.
        case measured
        /// Details are texture or correlated noise; sigma is a bound from below.
        case lowerBound = "lower-bound"
        /// No noise above the rounding of the file was found; sigma is that of the rounding.
        case rounding
        /// Too little of the picture can be used; sigma is that of the rounding, or 0.
        case tooFewPixels = "too-few-pixels"
    }

    /// sigma
    public let deviation: Double
    /// The standard deviation of this estimate over sigma. Of a bound from below it is at least 0.5, and reaches to what sigma would be if
    /// there were no texture.
    public let relativeError: Double
    /// What the estimate is worth.
    public let verdict: Verdict
    /// What the user should know of this estimate.
    public let findings: [NoiseFinding]
    /// Whether all channels hold one noise, up to a factor, and not one each.
    public let isShared: Bool

    /// Below it numbers are taken for equal: it is that of a rounding in single precision.
    static let smallestVariance = 1e-14
    static let largestRelativeError = 100.0
    /// Up to this part of the rounding's own deviation a sigma is called rounding.
    private static let roundingMargin = 1.3
    /// Details that are as even as noise and this many roundings strong are not the rounding's own, however weak the finest are.
    private static let coarseMargin = 3.0
    /// A combination of channels with more than this many roundings is not a copy of others.
    private static let copyMargin = 2.0
    /// The variance in all other combinations together, over that of the strongest, below which the channels share their noise.
    private static let sharedPart = 0.25
    /// The part of the patches that is looked at for the covariance of the channels.
    private static let channelPart = 0.12

    /// - Parameters:
    ///   - measurement: planar, with `shape`.
    ///   - measured: which of its `shape.pixels` pixels count.
    /// - Throws: `NoiseEstimateError.length` where an array has another length. A picture that does not allow an estimate is no error: see
    ///   `verdict`.
    public init(of measurement: [Float], shape: ImageShape, measured: [Bool]) throws(NoiseEstimateError) {
        guard measurement.count == shape.count, measured.count == shape.pixels else {
            throw NoiseEstimateError.length(of: shape, measurement: measurement.count, measured: measured.count)
        }
        let rounding = Self.rounding(of: measurement)
        do {
            self.init(try WeakPatches(measurement, shape, measured), rounding: rounding)
        } catch {
            self.init(
                deviation: rounding, relativeError: Self.largestRelativeError, verdict: .tooFewPixels,
                findings: [.tooFewPatches(found: error.found, required: error.required, side: error.side)], isShared: false)
        }
    }

    private init(deviation: Double, relativeError: Double, verdict: Verdict, findings: [NoiseFinding], isShared: Bool) {
        self.deviation = deviation
        self.relativeError = relativeError
        self.verdict = verdict
        self.findings = findings
        self.isShared = isShared
    }

    private init(_ patches: WeakPatches, rounding: Double) {
        let combinations = Self.combinations(patches)
        var floors = combinations.map { NoiseFloor(patches, combination: $0) }
        let others = floors.dropFirst().filter(\.isMeasured).map(\.variance).max() ?? 0
        let isInColours = others.squareRoot() > Self.copyMargin * max(rounding, Self.smallestRounding)
        let isMeasured = floors[0].isMeasured || isInColours
        if isInColours {
            for index in floors.indices where !floors[index].isMeasured {
                floors[index].variance = min(floors[index].boundFromAbove, others)
            }
        }
        let rest = floors.dropFirst().reduce(0) { $0 + $1.variance }
        let total = floors[0].variance + rest
        let found = (total / Double(floors.count)).squareRoot()

        isShared =
            floors.count > 1 && rest < Self.sharedPart * floors[0].variance && combinations[0].count { abs($0) > 0.1 } > 1
        var findings: [NoiseFinding] = []
        let isCoarse = !isMeasured && floors[0].isEven && floors[0].largestVariance.squareRoot() > Self.coarseMargin * rounding
        if (found <= Self.roundingMargin * rounding && !isCoarse) || found == 0 {
            verdict = .rounding
            findings.append(.onlyRounding)
        } else {
            verdict = isMeasured ? .measured : .lowerBound
            let coloursAreCoarse = floors[0].isMeasured && isShared && floors.dropFirst().contains { !$0.isMeasured }
            if isMeasured && isShared && !coloursAreCoarse { findings.append(.sharedByChannels) }
            if coloursAreCoarse || (!isMeasured && floors[0].isEven) { findings.append(.correlated) }
            if !isMeasured && !floors[0].isEven { findings.append(.textured) }
        }
        self.findings = findings
        deviation = max(found, rounding)
        // Errors of the combinations are taken as alike, as those of texture are.
        let error = floors.reduce(0) { $0 + $1.variance * ($1.isMeasured || isMeasured ? min($1.relativeError, 0.5) : $1.relativeError) }
        relativeError = total > 0 ? min(error / total, Self.largestRelativeError) : Self.largestRelativeError
    }

    /// Unit vectors over the channels, the one with the strongest details first.
    private static func combinations(_ patches: WeakPatches) -> [[Double]] {
        let (channels, d) = (patches.channels, patches.basis.count)
        guard channels > 1 else { return [[1]] }
        let count = max(min(patches.count, patches.basis.smallestSubset), Int(channelPart * Double(patches.count))) * d
        var covariance = [Double](repeating: 0, count: channels * channels)
        for a in 0 ..< channels {
            for b in a ..< channels {
                var sum = 0.0
                for index in 0 ..< count {
                    sum += patches.details[a * patches.count * d + index] * patches.details[b * patches.count * d + index]
                }
                covariance[a * channels + b] = sum / Double(count)
            }
        }
        return SymmetricEigenvalues(covariance, order: channels).vectors
    }

    /// The deviation of rounding to 8 bits, 1 / (255 sqrt(12)), or to 16 bits, where all finite values are so rounded; otherwise 0.
    public static func rounding(of values: [Float]) -> Double {
        for levels in [255.0, 65535.0] {
            // A multiple of 1 / levels in single precision is off by no more than half a unit in its last place.
            let isRounded = values.allSatisfy { value in
                guard value.isFinite else { return true }
                let scaled = Double(value) * levels
                return abs(scaled - scaled.rounded()) <= 1e-7 * max(1, abs(scaled))
            }
            if isRounded { return 1 / (levels * 12.0.squareRoot()) }
        }
        return 0
    }

    private static let smallestRounding = 1 / (2 * 255 * 12.0.squareRoot())
}

/// What is wrong with the arguments of an estimate.
public enum NoiseEstimateError: ReglowError, Equatable {
    /// Arrays that do not have the counts of the shape.
    case length(of: ImageShape, measurement: Int, measured: Int)
    /// A measurement whose numbers have no neighbours.
    case notAnImage

    public var category: ReglowErrorCategory { .problem }

    public var description: String {
        switch self {
        case .length(let shape, let measurement, let measured):
            "an image of \(shape) has \(shape.count) numbers and \(shape.pixels) pixels, not \(measurement) and \(measured)"
        case .notAnImage:
            "the noise cannot be estimated from a measurement that is not an image"
        }
    }
}
