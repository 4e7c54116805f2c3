import GlowModel
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

    /// What a call solves with.
    var solver: Solver<Glow> {
        Solver(flow: prior, gradientPrecisionFlow: gradientPrecisionPrior, options: options, parallelism: parallelism)
    }

    /// Returns how many images of so many pixels make a batch: enough that weights are read for many pixels at once, without taking much memory.
    public static func largestBatch(ofPixels pixels: Int) -> Int { max(1, 16 * 64 * 64 / max(1, pixels)) }

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
