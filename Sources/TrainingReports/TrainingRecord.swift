/// What is known of a training after some step: one line of its log.
///
/// A number that is not finite is nil, because JSON has none.
public struct TrainingRecord: Codable, Hashable, Sendable {
    /// Steps done since the training began.
    public let step: Int
    /// Images seen since then, repetitions included.
    public let images: Int
    /// Time spent in training since then, over all runs that it took.
    public let seconds: Double
    /// Bits per dimension of the batches since the record before, their mean.
    public let bitsPerDimension: Double?
    /// Bits per dimension of the validation images, nil where they were not measured.
    public let validationBitsPerDimension: Double?
    /// The learning rate of the last step.
    public let learningRate: Double
    /// Norm of the gradient before it was clipped, the mean since the record before.
    public let gradientNorm: Double?
    /// Since the record before.
    public let imagesPerSecond: Double
    /// Steps since the record before whose gradient was not finite, so that they changed nothing.
    public let skippedSteps: Int
    /// The largest error of images that were computed back from their latents, relative; nil where none were.
    public let drift: Double?

    package init(
        step: Int, images: Int, seconds: Double, bitsPerDimension: Double, validationBitsPerDimension: Double?,
        learningRate: Double, gradientNorm: Double, imagesPerSecond: Double, skippedSteps: Int = 0, drift: Double? = nil
    ) {
        self.step = step
        self.images = images
        self.seconds = seconds
        self.bitsPerDimension = Self.finite(bitsPerDimension)
        self.validationBitsPerDimension = validationBitsPerDimension.flatMap(Self.finite)
        self.learningRate = learningRate
        self.gradientNorm = Self.finite(gradientNorm)
        self.imagesPerSecond = imagesPerSecond
        self.skippedSteps = skippedSteps
        self.drift = drift.flatMap(Self.finite)
    }

    private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

    private enum CodingKeys: String, CodingKey {
        case step, images, seconds, drift
        case bitsPerDimension = "bits_per_dimension"
        case validationBitsPerDimension = "validation_bits_per_dimension"
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        case imagesPerSecond = "images_per_second"
        case skippedSteps = "skipped_steps"
    }
}
