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
    public let prior: Glow
    /// The same model in a lower precision: gradients are its own until their errors hinder the solve. Values, and so the results,
    /// are those of `prior`.
    public let gradientPrior: Glow?
    public var options: SolverOptions
    public var parallelism: Parallelism
    /// Whether each measurement is solved a second time for the mirror image, left for right, and the mean of both is the result
    /// (R. Timofte et al., "Seven ways to improve example-based single image super resolution", 2016). The prior does not
    /// judge an image and its mirror image quite alike; where the two solves err differently the mean errs less.
    ///
    /// The second solve begins where the first has ended, with its lambda. Both have the tolerance of the options, or where that is nil, and
    /// lambda is not searched for, `SolverOptions.selfEnsembleTolerance`.
    public var selfEnsemble = false

    /// - Parameters:
    ///   - gradientPrior: the model of `prior` in bf16, where that is in fp32: less time, for the memory of both.
    ///   - threads: how many threads work at once; nil is what the machine and its cgroup offer.
    ///   - recorder: where the time of each phase is recorded, see `Profile`. It serves one call of `restore` at a time.
    public init(
        prior: Glow, gradientPrior: Glow? = nil, options: SolverOptions = SolverOptions(), threads: Int? = nil,
        recorder: PhaseRecorder? = nil
    ) {
        self.prior = prior
        self.gradientPrior = gradientPrior
        self.options = options
        parallelism = Parallelism(threads: threads ?? ThreadCount.available(), recorder: recorder)
    }

    /// Restores each measurement on its own, with one lambda for all.
    ///
    /// - Parameters:
    ///   - noiseDeviation: sigma, on the [0, 1] scale.
    ///   - regularizationWeight: lambda; nil is `defaultWeight(noiseDeviation:)`.
    /// - Throws: as the function below.
    public func restore(
        _ measurements: [ImageMeasurement], problem: Problem, noiseDeviation: Double = 0.01, regularizationWeight: Double? = nil,
        start: StartingPoint? = nil, onProgress: ((RestorationProgress) throws -> Void)? = nil
    ) throws -> [RestoredImage] {
        let weight = regularizationWeight ?? Self.defaultWeight(noiseDeviation: noiseDeviation)
        return try restore(measurements, problem: problem, weight: .fixed(weight), start: start, onProgress: onProgress)
    }

    /// Restores each measurement on its own.
    ///
    /// - Parameters:
    ///   - measurements: y = A u + noise, u on the [0, 1] scale.
    ///   - problem: A, up to the seed that each measurement brings.
    ///   - weight: how lambda is chosen, for each measurement by itself.
    ///   - onProgress: called on the calling thread for each accepted iterate of each image, of both solves of a self-ensemble.
    /// - Throws: `MeasurementError` when a measurement does not fit the problem or the rule, or its start is not finite;
    ///   `SolverError` for bad options; what `onProgress` throws.
    public func restore(
        _ measurements: [ImageMeasurement], problem: Problem, weight: WeightRule, start: StartingPoint? = nil,
        onProgress: ((RestorationProgress) throws -> Void)? = nil
    ) throws -> [RestoredImage] {
        var restored = [RestoredImage?](repeating: nil, count: measurements.count)
        let session = RestorationSession(self, problem: problem, weight: weight, start: start)
        try session.restore(measurements, onProgress: onProgress) { restored[$0] = try $1.get() }
        return restored.compactMap { $0 }
    }

    /// lambda = sigma^2, the Bayesian weight.
    ///
    /// A factor before it did not help: over the five problems of the paper on four validation faces (sigma 0.01, shipped prior,
    /// 200 evaluations), 2 and 4 had a lower mean PSNR than 1, by 0.04 and 0.2 dB; 0.5 lost 0.7 dB on deblurring. For
    /// measurements said to be free of noise it is that of rounding to 8 bits, because without a prior most problems have no
    /// unique solution.
    public static func defaultWeight(noiseDeviation: Double) -> Double {
        let rounding = 1 / (255 * 12.0.squareRoot())
        return max(noiseDeviation * noiseDeviation, rounding * rounding)
    }
}

/// y for one image, with the seed of its random operator.
public struct ImageMeasurement: Sendable {
    public let shape: ImageShape
    public let values: [Float]
    public var seed: UInt64
    /// Whether the values are those of pixels, with neighbours.
    let isImage: Bool
    /// The noise where it is estimated already, such as that of a whole picture for a part of it; nil: a rule that estimates it takes
    /// this measurement.
    public var noiseEstimate: NoiseEstimate?
    /// Which entries are to be trusted: of each pixel of the measurement, for all channels alike, or of each of its numbers. The others, dead
    /// or clipped pixels, count as not measured, whatever their values. Nil trusts all.
    public var trusted: [Bool]?

    /// The pixels of an image as the measurement.
    ///
    /// - Parameters:
    ///   - seed: of a random operator.
    ///   - trusted: as the property says.
    public init(_ image: Image, seed: UInt64 = 0, trusted: [Bool]? = nil) {
        isImage = true
        shape = image.shape
        values = image.pixels
        self.seed = seed
        self.trusted = trusted
    }

    /// A measurement that is no image: numbers in a row.
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
public struct MeasurementError: Error, CustomStringConvertible {
    /// Index in the list of measurements.
    public let measurement: Int
    /// An `OperatorError`, a `ProblemError` or a `SolverError`.
    public let reason: any Error

    public var description: String { "measurement \(measurement): \(reason)" }
}
