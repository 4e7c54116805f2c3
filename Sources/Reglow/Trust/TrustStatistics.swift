import ForwardOperators
import InverseSolvers

/// What is measured of a restored image to judge whether it can be trusted: see `Trust`.
public struct TrustStatistics: Sendable, Hashable {
    /// A level of the latent, finest first.
    public struct Level: Sendable, Hashable {
        /// Numbers of the level.
        public let count: Int
        /// |z|^2 / n, which is 1 in the mean for images of the prior; less at the most probable image, which lacks what is not measured.
        public let energy: Double
        /// The fourth moment over the square of the second; 3 for a Gaussian.
        public let kurtosis: Double
        /// The correlation of neighbours, in both directions and all channels; 0 for a Gaussian.
        public let autocorrelation: Double

        package init(count: Int, energy: Double, kurtosis: Double, autocorrelation: Double) {
            (self.count, self.energy, self.kurtosis, self.autocorrelation) = (count, energy, kurtosis, autocorrelation)
        }
    }

    /// What the image is to the measurement and the prior, by which the statistics have different laws.
    public enum Estimate: String, Sendable, CaseIterable, Encodable {
        /// The minimum of 1/2 |A x - y|^2 + lambda/2 |f(x)|^2, nearly.
        case minimum
        /// The mean of the clean image under a prior of noisy ones: the latent is that of the measurement.
        case mean
        /// The end of a splitting by such a prior: the latent is that of the noisy image which the last of its steps saw.
        case splitting
    }

    /// What the image is.
    public let estimate: Estimate
    /// The levels of the latent, finest first.
    public let levels: [Level]
    /// |A x - y|^2 / (M sigma^2) of the M measured numbers; about 1 for the truth, and less for an image that was fitted to them.
    public let misfit: Double
    /// (|A x - y|^2 / lambda + |z|^2) / M at a minimum. For a prior that is Gaussian near the image it is 1 in the mean over all measurements,
    /// with the variance 2 / M, whatever A is, for lambda = sigma^2. For a mean it is |z|^2 / n of the measurement, whose density the prior is: 1 in the mean,
    /// too. A splitting has no such number: nil.
    public let surprise: Double?
    /// How far the residual is from white noise, by the correlation of its neighbours (`RegularizationCriterion.whiteness`); nil for a measurement without
    /// neighbours.
    public let whiteness: Double?
    /// M
    public let measured: Int
    /// `Restoration.roundTripError`.
    public let roundTripError: Double?
    /// `Restoration.uprightness`.
    public let uprightness: Double?
    /// How much better another point spread explains the measurement's spectrum than the one that was told, in nats; below 0 where none is as good. Nil for what
    /// is not deblurred, or has less than 32 rows or columns.
    public let pointSpreadGain: Double?
    /// How many times as wide as what was told that other point spread is.
    public let pointSpreadWidth: Double?
    /// Whether the prior is one of aligned pictures, such as faces, which are much alike to it. Photographs are not.
    package let hasAlignedPrior: Bool
    /// The noise that is known, for the bounds of what depends on it.
    package let noise: Noise

    /// What is known of the noise.
    package struct Noise: Hashable, Sendable {
        /// Whether sigma is told, or measured; not where it is only a bound.
        package var isKnown = true
        /// By what the square of sigma may be more than was taken.
        package var mostMisfit = 1.0
        /// sigma^2 over lambda, the least and the most that it can be: how many channels of the prior have one noise decides.
        package var ratio = 1.0 ... 1.0
        /// Whether sigma is below what a prior of noisy pictures was trained for, so that it sees less noise than it expects.
        package var isBelowPrior = false

        package init() {}
    }

    package init(
        estimate: Estimate, levels: [Level], misfit: Double, surprise: Double?, noise: Noise, measured: Int, roundTripError: Double?,
        uprightness: Double?, pointSpreadGain: Double? = nil, pointSpreadWidth: Double? = nil, hasAlignedPrior: Bool
    ) {
        (self.estimate, self.levels, self.misfit, self.surprise, self.noise) = (estimate, levels, misfit, surprise, noise)
        (self.measured, self.roundTripError, self.uprightness) = (measured, roundTripError, uprightness)
        (self.pointSpreadGain, self.pointSpreadWidth) = (pointSpreadGain, pointSpreadWidth)
        self.hasAlignedPrior = hasAlignedPrior
        whiteness = nil
    }
}

extension TrustStatistics {
    /// - Throws: `OperatorError`.
    init(_ solved: SolvedProblem) throws {
        let (posed, restoration) = (solved.posed, solved.restoration)
        let problem = try posed.inverseProblem()
        let entries = problem.forwardOperator.measuredEntries()
        let residual = try problem.forwardOperator.residual(restoration.image, measurement: problem.measurement)
        let shape = posed.canvasShape
        let count = max(1, entries.count { $0 })
        let squaredResidual = residual.reduce(0) { $0 + Double($1) * Double($1) }
        let lambda = restoration.regularizationWeight
        let variance = posed.chosen.noiseDeviation.map { $0 * $0 } ?? lambda
        estimate = posed.posedOperator.leastNoise == nil ? .minimum : restoration.stop == .closedForm ? .mean : .splitting
        hasAlignedPrior = posed.posedOperator.hasAlignedPrior
        noise = Noise(posed, variance: variance, lambda: lambda)
        levels = (0 ..< posed.posedOperator.levels).map { index in
            // Levels send half, a quarter and so on of the numbers, the last level all that is left.
            let isLast = index == posed.posedOperator.levels - 1
            let first = shape.count - shape.count >> index
            let size = isLast ? shape.count - first : shape.count >> (index + 1)
            return Level(
                restoration.latent[min(first, restoration.latent.count) ..< min(first + size, restoration.latent.count)],
                height: shape.height >> (index + 1), width: shape.width >> (index + 1))
        }
        let squaredLatent = levels.reduce(0) { $0 + $1.energy * Double($1.count) }
        misfit = variance > 0 ? squaredResidual / (Double(count) * variance) : 0
        surprise =
            switch estimate {
            case .minimum: ((lambda > 0 ? squaredResidual / lambda : 0) + squaredLatent) / Double(count)
            case .mean: squaredLatent / Double(max(1, shape.count))
            case .splitting: nil
            }
        let whiteness = ResidualWhiteness(shape: problem.forwardOperator.measurementShape, measured: entries)?(residual)
        self.whiteness = whiteness.flatMap { $0.isFinite ? $0 : nil }
        measured = count
        roundTripError = restoration.roundTripError
        uprightness = restoration.uprightness
        let comparison = try PointSpreadComparison(solved, residual: residual, variance: variance)
        (pointSpreadGain, pointSpreadWidth) = (comparison?.gain, comparison?.width)
    }
}

extension PointSpreadComparison {
    /// Of what a blur measured; nil for all else. What is not measured is taken as the restored image has it.
    ///
    /// - Parameter residual: A x - y.
    fileprivate init?(_ solved: SolvedProblem, residual: [Float], variance: Double) throws {
        let posed = solved.posed
        let fromScene = posed.posedOperator.fromScene
        guard let blur = fromScene as? Blur ?? (fromScene as? Composition)?.inner as? Blur else { return nil }
        let image = posed.isMirrored ? try posed.posedOperator.mirroring.apply(solved.restoration.image) : solved.restoration.image
        let predicted = try blur.apply(posed.posedOperator.canvas.scene.apply(image))
        let shape = blur.measurementShape
        try self.init(
            zip(predicted, residual).map { $0 - $1 }, shape, pointSpread: blur.pointSpread, isPeriodic: blur.border == .periodic,
            noiseVariance: variance * posed.sharedChannels / Double(max(1, shape.channels)))
    }
}

extension PosedProblem {
    /// How many channels of the unknown have one noise.
    fileprivate var sharedChannels: Double {
        Double(chosen.noiseEstimate?.isShared == true ? posedOperator.canvas.shape.channels : copies)
    }
}

extension TrustStatistics.Noise {
    fileprivate init(_ posed: PosedProblem, variance: Double, lambda: Double) {
        self.init()
        let found = posed.chosen.noiseEstimate
        let copies = posed.sharedChannels
        isKnown = found == nil || found?.verdict == .measured
        let error = 2 * (found?.relativeError ?? 0)
        mostMisfit = (1 + error) * (1 + error)
        let ratio = lambda > 0 ? variance / lambda : 1
        // One noise in C channels is C times as strong in their mean, and not there in their differences.
        self.ratio = ratio / copies ... max(ratio * copies, ratio / copies)
        isBelowPrior = posed.posedOperator.leastNoise.map { variance.squareRoot() < $0 } ?? false
    }
}

extension TrustStatistics.Level {
    /// - Parameter values: of planes of this height and width, one after the other.
    init(_ values: ArraySlice<Float>, height: Int, width: Int) {
        count = values.count
        let n = Double(max(1, values.count))
        var (squares, fourths) = (0.0, 0.0)
        for value in values {
            let square = Double(value) * Double(value)
            squares += square
            fourths += square * square
        }
        energy = squares / n
        kurtosis = squares > 0 ? fourths * n / (squares * squares) : 0
        let plane = height * width
        guard plane > 0, squares > 0 else {
            autocorrelation = 0
            return
        }
        var (products, pairs) = (0.0, 0.0)
        let channels = values.count / plane
        for channel in 0 ..< channels {
            let base = values.startIndex + channel * plane
            for row in 0 ..< height {
                let line = base + row * width
                for column in line ..< line + max(0, width - 1) { products += Double(values[column]) * Double(values[column + 1]) }
                if row + 1 < height {
                    for column in line ..< line + width { products += Double(values[column]) * Double(values[column + width]) }
                }
            }
        }
        pairs = Double(channels * (height * (width - 1) + (height - 1) * width))
        autocorrelation = pairs > 0 ? products / pairs / energy : 0
    }
}

extension TrustStatistics.Level: Encodable {
    private enum CodingKeys: CodingKey { case count, energy, kurtosis, autocorrelation }

    /// What is not finite is null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .count)
        try container.encode(JSONNumber(energy), forKey: .energy)
        try container.encode(JSONNumber(kurtosis), forKey: .kurtosis)
        try container.encode(JSONNumber(autocorrelation), forKey: .autocorrelation)
    }
}

extension TrustStatistics: Encodable {
    private enum CodingKeys: CodingKey {
        case estimate, levels, misfit, surprise, whiteness, measured, roundTripError, uprightness, pointSpreadGain, pointSpreadWidth
    }

    /// What is not finite, or not known, is null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(estimate, forKey: .estimate)
        try container.encode(levels, forKey: .levels)
        try container.encode(JSONNumber(misfit), forKey: .misfit)
        try container.encode(JSONNumber(surprise), forKey: .surprise)
        try container.encode(JSONNumber(whiteness), forKey: .whiteness)
        try container.encode(measured, forKey: .measured)
        try container.encode(JSONNumber(roundTripError), forKey: .roundTripError)
        try container.encode(JSONNumber(uprightness), forKey: .uprightness)
        try container.encode(JSONNumber(pointSpreadGain), forKey: .pointSpreadGain)
        try container.encode(JSONNumber(pointSpreadWidth), forKey: .pointSpreadWidth)
    }
}
