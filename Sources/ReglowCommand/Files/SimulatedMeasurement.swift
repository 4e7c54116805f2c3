import Reglow

/// y = A u + noise for a known image u, with all that it was made by.
struct SimulatedMeasurement {
    /// y; of a measurement that is no image, one row.
    let image: Image
    let forwardOperator: any ForwardOperator
    let seed: UInt64

    /// - Parameter known: which entries of a measurement of a shape are measured; nil is all that the problem measures.
    /// - Throws: `OperatorError` or `ProblemError` when the problem cannot be posed for this image.
    init(
        of truth: Image, problem: Problem, noise: Double, seed: UInt64, parallelism: Parallelism,
        known: (ImageShape) throws -> [Bool]? = { _ in nil }
    ) throws {
        let whole = try problem.forwardOperator(imageShape: truth.shape, seed: seed, parallelism: parallelism)
        forwardOperator = try whole.trusting(try known(whole.measurementShape))
        let values = try Degradation(forwardOperator, noiseDeviation: noise, seed: seed).measure(truth.pixels)
        image = try Image(shape: forwardOperator.measurementShape, pixels: values)
        self.seed = seed
    }

    /// Observed pixels white, missing ones black; nil when A is no mask.
    var mask: Image? {
        get throws {
            guard let mask = forwardOperator as? Mask else { return nil }
            let channels = mask.keep.count / mask.imageShape.pixels
            let shape = ImageShape(channels: channels, height: mask.imageShape.height, width: mask.imageShape.width)
            return try Image(shape: shape, pixels: mask.keep.map { $0 ? 1 : 0 })
        }
    }

    /// What is observed put back in its place, clipped to [0, 1]: the image before any restoration.
    ///
    /// - Parameter range: that of the prior, whose 0, mid-grey, stands where nothing is observed.
    func spreadBack(_ range: ModelRange) throws -> Image {
        let start = try forwardOperator.normalizedAdjoint(try range.measurement(image.pixels, of: forwardOperator))
        return try Image(shape: forwardOperator.imageShape, pixels: range.pixels(start)).clipped()
    }
}
