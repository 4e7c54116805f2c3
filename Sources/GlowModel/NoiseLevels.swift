/// What a flow says that is the density of images with white Gaussian noise, and not of clean ones.
///
/// Such a flow serves every noise level: a picture u with noise of deviation sigma is seen as c (u - 1/2) with the gain c = `deviation` / sigma, so
/// that its noise has the deviation that the flow knows. The density of noisy images gives the mean of the clean image of a measurement in closed
/// form (`PosteriorMean`).
public struct NoiseLevels: Hashable, Sendable {
    /// The standard deviation of the noise in what the flow sees.
    public let deviation: Double
    /// The sigma, on the [0, 1] scale of pixels, that the flow was trained for.
    public let range: ClosedRange<Double>

    /// Makes the levels of a flow.
    ///
    /// - Returns: nil for a deviation or a sigma that is not a finite number above 0.
    public init?(deviation: Double, range: ClosedRange<Double>) {
        guard deviation > 0, deviation.isFinite, range.lowerBound > 0, range.upperBound.isFinite else { return nil }
        (self.deviation, self.range) = (deviation, range)
    }

    /// Returns what pictures with noise of this deviation are multiplied by, after the shift; below the range that of its lower end.
    package func gain(for sigma: Double) -> Double { deviation / leastDeviation(for: sigma) }

    /// Returns the noise that pictures with this deviation are taken to have: that, or the least that the flow was trained for.
    package func leastDeviation(for sigma: Double) -> Double { max(sigma, range.lowerBound) }
}

extension NoiseLevels {
    package static let deviationKey = "noise_deviation"
    package static let rangeKey = "noise_levels"

    /// What the metadata of a model file say: `noise_deviation`, and `noise_levels` as its least and its greatest sigma with a comma between.
    ///
    /// - Returns: nil where they say nothing of noise.
    /// - Throws: the key at fault, and what is wrong with it.
    init?(metadata: [String: String]) throws(NoiseLevelsError) {
        guard let text = metadata[Self.deviationKey] else {
            if metadata[Self.rangeKey] != nil {
                throw NoiseLevelsError(key: Self.deviationKey, fault: "is missing beside \(Self.rangeKey)")
            }
            return nil
        }
        guard let deviation = Double(text), deviation > 0, deviation.isFinite else {
            throw NoiseLevelsError(key: Self.deviationKey, fault: "\(ModelFileError.quoted(text)) is not a finite number above 0")
        }
        let rangeText = metadata[Self.rangeKey] ?? ""
        let bounds = rangeText.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard bounds.count == 2, let least = bounds[0], let most = bounds[1], least > 0, least <= most, most.isFinite else {
            throw NoiseLevelsError(
                key: Self.rangeKey,
                fault: "\(ModelFileError.quoted(rangeText)) is not the least and the greatest sigma, with a comma between")
        }
        self.init(deviation: deviation, range: least ... most)
    }
}

/// What a model file says of noise, and cannot mean.
struct NoiseLevelsError: Error {
    let key: String
    let fault: String
}

extension ModelCard {
    /// What the flow says that is the density of noisy images; nil is one of images as they are.
    public var noiseLevels: NoiseLevels? { try? NoiseLevels(metadata: entries) }
}
