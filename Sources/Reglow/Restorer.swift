import Files
import ForwardOperators
import GlowModel
import Imaging
import InverseSolvers
import KernelDispatch
import KernelInterface

/// Restores images of any size with a Glow as the prior: what an embedding program calls.
///
///     let restorer = Restorer(prior: try Glow(path: "faces64.safetensors"))
///     let problem = Problem.deblur(try .uniform(5), border: .unknown)
///     let restored = try restorer.restore([ImageMeasurement(blurred)], problem: problem)
///     try ImageFile.write(restored[0].image, to: "restored.png")
///
/// Images whose sides are not multiples of 2^L are solved on a larger canvas: the operator crops it, the prior fills the
/// surplus, and the result is cropped again. Images of one canvas size share the flow's evaluations; a result is the same to the
/// last bit alone or in company, and for any number of threads.
public struct Restorer: Sendable {
    /// The flow that says which images are likely.
    public let prior: Glow
    /// The precision of gradients until their errors hinder the solve; nil is that of `prior`. Values, and so the results, are those of
    /// `prior`.
    public var gradientPrecision: Precision? { gradientPrecisionPrior?.precision }
    /// `prior` in the gradient precision, where that is another.
    let gradientPrecisionPrior: Glow?
    /// The minimizer, and when it stops.
    public var options: SolverOptions
    package var parallelism: Parallelism

    /// Makes a restorer.
    ///
    /// - Parameters:
    ///   - prior: the flow that says which images are likely.
    ///   - gradientPrecision: bf16 takes less time where the prior is in fp32, and half of the prior's memory more; what is no lower than
    ///     the prior's own precision changes nothing.
    ///   - options: the minimizer, and when it stops.
    ///   - threads: how many threads work at once; nil is what the machine and its cgroup offer.
    ///   - recorder: where the time of each phase is recorded, see `Profile`. It serves one call of `restore` at a time.
    public init(
        prior: Glow, gradientPrecision: Precision? = nil, options: SolverOptions = SolverOptions(), threads: Int? = nil,
        recorder: PhaseRecorder? = nil
    ) {
        self.prior = prior
        gradientPrecisionPrior = gradientPrecision == .bf16 && prior.precision == .fp32 ? Glow(prior, precision: .bf16) : nil
        self.options = options
        parallelism = Parallelism(threads: threads ?? ThreadCount.available(), recorder: recorder)
    }

    /// Restores each measurement on its own, with one lambda for all.
    ///
    /// - Parameters:
    ///   - measurements: y = A u + noise, u on the [0, 1] scale.
    ///   - problem: A, up to the seed that each measurement brings.
    ///   - noiseDeviation: sigma, on the [0, 1] scale.
    ///   - regularizationWeight: lambda; nil is `defaultRegularizationWeight(noiseDeviation:)`.
    ///   - start: where the solves begin that their measurements name no start for; nil leaves it to the solver.
    ///   - onProgress: called on the calling thread for each accepted iterate of each image.
    /// - Throws: `MeasurementError` when a measurement does not fit the problem, or its start is not finite; `SolverError` for bad options; what
    ///   `onProgress` throws.
    public func restore(
        _ measurements: [ImageMeasurement], problem: Problem, noiseDeviation: Double = 0.01, regularizationWeight: Double? = nil,
        start: Initialization? = nil, onProgress: ((RestorationProgress) throws -> Void)? = nil
    ) throws -> [RestoredImage] {
        let weight = regularizationWeight ?? Self.defaultRegularizationWeight(noiseDeviation: noiseDeviation)
        return try restore(measurements, problem: problem, regularization: .fixed(weight), start: start, onProgress: onProgress)
    }

    /// Restores each measurement on its own.
    ///
    /// - Parameters:
    ///   - measurements: y = A u + noise, u on the [0, 1] scale.
    ///   - problem: A, up to the seed that each measurement brings.
    ///   - regularization: how lambda is chosen, for each measurement by itself.
    ///   - start: where the solves begin that their measurements name no start for; nil leaves it to the solver.
    ///   - onProgress: called on the calling thread for each accepted iterate of each image, of both solves of a self-ensemble.
    /// - Throws: `MeasurementError` when a measurement does not fit the problem or the rule, or its start is not finite;
    ///   `SolverError` for bad options; what `onProgress` throws.
    public func restore(
        _ measurements: [ImageMeasurement], problem: Problem, regularization: RegularizationRule, start: Initialization? = nil,
        onProgress: ((RestorationProgress) throws -> Void)? = nil
    ) throws -> [RestoredImage] {
        var restored = [RestoredImage?](repeating: nil, count: measurements.count)
        let session = RestorationSession(self, problem: problem, regularization: regularization, start: start)
        try session.restore(measurements, onProgress: onProgress) { restored[$0] = try $1.get() }
        return restored.compactMap { $0 }
    }

    /// Returns lambda = sigma^2, which a Bayesian would choose.
    ///
    /// For measurements said to be free of noise it is that of rounding to 8 bits, because without a prior most problems have no unique
    /// solution. A factor before it does not help; docs/measurements.md has what was tried.
    ///
    /// - Parameter noiseDeviation: sigma, on the [0, 1] scale.
    public static func defaultRegularizationWeight(noiseDeviation: Double) -> Double {
        let rounding = 1 / (255 * 12.0.squareRoot())
        return max(noiseDeviation * noiseDeviation, rounding * rounding)
    }
}

/// y for one image, with the seed of its random operator.
public struct ImageMeasurement: Sendable {
    /// Channels, height and width of y; those of a vector of M numbers are 1, 1 and M.
    public let shape: ImageShape
    /// y, planar: all rows of the first channel, then of the second.
    public let values: [Float]
    /// The seed of a random operator.
    public var seed: UInt64
    /// Whether the values are those of pixels, with neighbours.
    let isImage: Bool
    /// The noise where it is estimated already, such as that of a whole picture for a part of it; nil: a rule that estimates it takes
    /// this measurement.
    public var noiseEstimate: NoiseEstimate?
    /// Which entries are to be trusted: of each pixel of the measurement, for all channels alike, or of each of its numbers. The others, dead
    /// or clipped pixels, count as not measured, whatever their values. Nil trusts all.
    public var trusted: [Bool]?
    /// The image that the solve begins at, of the size of the restored image and on the [0, 1] scale; nil leaves it to the call.
    public var start: Image?

    /// Takes the pixels of an image as the measurement.
    ///
    /// - Parameters:
    ///   - image: y, on the [0, 1] scale.
    ///   - seed: the seed of a random operator.
    ///   - trusted: as the property says.
    public init(_ image: Image, seed: UInt64 = 0, trusted: [Bool]? = nil) {
        isImage = true
        shape = image.shape
        values = image.pixels
        self.seed = seed
        self.trusted = trusted
    }

    /// Takes numbers in a row as the measurement, which is no image.
    ///
    /// - Parameters:
    ///   - vector: y.
    ///   - seed: the seed of a random operator.
    public init(vector: [Float], seed: UInt64 = 0) {
        isImage = false
        shape = ImageShape(channels: 1, height: 1, width: vector.count)
        values = vector
        self.seed = seed
    }

    var size: Problem.ImageSize { Problem.ImageSize(height: shape.height, width: shape.width) }

    /// The numbers as an operator wants them: a grey image is repeated for a prior of three channels.
    func values(channels: Int, as expected: ImageShape) throws -> [Float] {
        if values.count == expected.count { return values }
        if shape.channels == 1, channels == 3, values.count * 3 == expected.count { return values + values + values }
        if shape.channels != 1, shape.channels != channels { throw ProblemError.channels(expected: channels, found: shape.channels) }
        throw ProblemError.measurementCount(expected: expected.count, found: values.count)
    }
}

/// A measurement that cannot be restored.
public struct MeasurementError: ReglowError {
    /// Index in the list of measurements.
    public let measurement: Int
    /// An `OperatorError`, a `ProblemError` or a `SolverError`.
    public let reason: any Error

    public var category: ReglowErrorCategory { .measurement(index: measurement) }

    public var description: String { "measurement \(measurement): \(reason)" }
}
