import ForwardOperators
import GlowModel
import Imaging
import InverseSolvers
import KernelDispatch
import KernelInterface

/// Restores images of any size with a Glow as the prior: what an embedding program calls.
///
///     let restorer = Restorer(prior: try Glow(path: "faces64.safetensors"))
///     let problem = Problem.deblur(try .uniform(5))
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
    ///   - onProgress: called on the calling thread for each accepted iterate of each image.
    /// - Throws: `MeasurementError` when a measurement does not fit the problem or the rule, or its start is not finite;
    ///   `SolverError` for bad options; what `onProgress` throws.
    public func restore(
        _ measurements: [ImageMeasurement], problem: Problem, weight: WeightRule, start: StartingPoint? = nil,
        onProgress: ((RestorationProgress) throws -> Void)? = nil
    ) throws -> [RestoredImage] {
        let setup = parallelism.recorder?.begin(.setup)
        let posed = try measurements.enumerated().map { index, measurement in
            do {
                return try pose(measurement, problem, weight)
            } catch {
                throw MeasurementError(measurement: index, reason: error)
            }
        }
        setup?.end()
        var restored = [RestoredImage?](repeating: nil, count: measurements.count)
        let groups = Dictionary(grouping: posed.indices) { posed[$0].canvas.imageShape }
        for members in groups.values.sorted(by: { $0[0] < $1[0] }) {
            let shape = posed[members[0]].canvas.imageShape
            var options = options
            options.maximumBatch = min(options.maximumBatch, Self.largestBatch(of: shape))
            let solved: [WeightedRestoration]
            do {
                solved = try solve(members.map { posed[$0] }, start: start, options: options) { progress in
                    guard let onProgress else { return }
                    let member = members[progress.problem]
                    try onProgress(
                        RestorationProgress(
                            measurement: member, entry: progress.entry, canvasImage: progress.image, posed: posed[member],
                            pixelShift: prior.architecture.pixelShift))
                }
            } catch SolverError.startNotFinite(let problem) {
                throw MeasurementError(
                    measurement: members[problem], reason: SolverError.startNotFinite(problem: members[problem]))
            } catch WeightError.noNeighbours(let problem) {
                throw MeasurementError(
                    measurement: members[problem], reason: WeightError.noNeighbours(problem: members[problem]))
            }
            for (index, solution) in zip(members, solved) {
                restored[index] = RestoredImage(
                    image: try posed[index].image(of: solution.restoration.image, pixelShift: prior.architecture.pixelShift),
                    restoration: solution.restoration, weight: solution.weight, weightPath: solution.path,
                    isWeightSettled: solution.isSettled, noiseDeviation: posed[index].chosen.noiseDeviation)
            }
        }
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

    /// Images of one batch: enough that weights are read for many pixels at once, without taking much memory.
    private static func largestBatch(of shape: ImageShape) -> Int { max(1, 16 * 64 * 64 / shape.pixels) }

    /// Solves problems of one canvas size, all by one rule.
    private func solve(
        _ posed: [PosedProblem], start: StartingPoint?, options: SolverOptions, onProgress: @escaping (SolverProgress) throws -> Void
    ) throws -> [WeightedRestoration] {
        let problems = try posed.map { try $0.inverseProblem(prior, start: start) }
        let criteria = posed.compactMap(\.chosen.criterion)
        if criteria.count == problems.count {
            return try Solver.restore(
                problems: problems, criteria: criteria, flow: prior, gradientFlow: gradientPrior, options: options,
                parallelism: parallelism, onProgress: onProgress)
        }
        return try zip(
            posed,
            Solver.restore(
                problems: problems, flow: prior, gradientFlow: gradientPrior, options: options, parallelism: parallelism,
                onProgress: onProgress)
        ).map { WeightedRestoration(restoration: $1, weight: $0.chosen.weight, path: [], isSettled: true) }
    }

    private func pose(_ measurement: ImageMeasurement, _ problem: Problem, _ rule: WeightRule) throws -> PosedProblem {
        let size = try problem.imageSize(ofMeasurement: measurement.size)
        let shape = ImageShape(channels: prior.imageChannels, height: size.height, width: size.width)
        let canvas = try Cropping.padding(shape, toMultipleOf: prior.sizeMultiple)
        // Operators run within loops that are recorded already.
        let forwardOperator = try problem.forwardOperator(
            imageShape: shape, seed: measurement.seed, parallelism: Parallelism(threads: parallelism.threads))
        let expected = forwardOperator.measurementShape
        let values = try measurement.values(channels: prior.imageChannels, as: expected)
        return PosedProblem(
            canvas: canvas,
            forwardOperator: canvas.imageShape == shape ? forwardOperator : try Composition(forwardOperator, after: canvas),
            measurement: values, chosen: try ChosenWeight(rule, for: measurement, forwardOperator))
    }
}

/// y for one image, with the seed of its random operator.
public struct ImageMeasurement: Sendable {
    public let shape: ImageShape
    public let values: [Float]
    public var seed: UInt64

    public init(_ image: Image, seed: UInt64 = 0) {
        shape = image.shape
        values = image.pixels
        self.seed = seed
    }

    /// A measurement that is no image: numbers in a row.
    public init(vector: [Float], seed: UInt64 = 0) {
        shape = ImageShape(channels: 1, height: 1, width: vector.count)
        values = vector
        self.seed = seed
    }

    var size: Problem.ImageSize { Problem.ImageSize(height: shape.height, width: shape.width) }

    /// The numbers as an operator wants them: a grey image is repeated for a prior of three channels.
    fileprivate func values(channels: Int, as expected: ImageShape) throws -> [Float] {
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

/// One restored image and how it was found.
public struct RestoredImage: Sendable {
    /// On the [0, 1] scale, not clipped, in the prior's channels.
    public let image: Image
    public let restoration: Restoration
    /// lambda
    public let weight: Double
    /// The solves on the way to lambda; empty where it was not searched for.
    public let weightPath: [WeightStep]
    /// Whether the search ended where its criterion holds; true where there was none.
    public let isWeightSettled: Bool
    /// sigma that the rule was told or estimated; nil where it asked for none.
    public let noiseDeviation: Double?
}

/// An accepted iterate of one of the measurements, as it happens.
public struct RestorationProgress: Sendable {
    /// Index in the list of measurements.
    public let measurement: Int
    public let entry: Trace.Entry
    fileprivate let canvasImage: ArraySlice<Float>
    fileprivate let posed: PosedProblem
    fileprivate let pixelShift: Float

    /// The image of this iterate, on the [0, 1] scale, not clipped. Made on each call. To keep the progress itself beyond
    /// the call that brought it makes the solver copy its images.
    public func image() throws -> Image { try posed.image(of: Array(canvasImage), pixelShift: pixelShift) }
}

/// A measurement with its operator on the canvas that the flow takes.
fileprivate struct PosedProblem: Sendable {
    let canvas: Cropping
    let forwardOperator: any ForwardOperator
    let measurement: [Float]
    let chosen: ChosenWeight

    func inverseProblem(_ prior: Glow, start: StartingPoint?) throws -> InverseProblem {
        InverseProblem(
            forwardOperator: forwardOperator,
            measurement: try forwardOperator.onModelRange(measurement, pixelShift: prior.architecture.pixelShift),
            regularizationWeight: chosen.weight, start: start)
    }

    /// Pixel values of the part of the canvas that is the image.
    func image(of canvasImage: [Float], pixelShift: Float) throws -> Image {
        try Image(shape: canvas.measurementShape, pixels: try canvas.apply(canvasImage).map { $0 - pixelShift })
    }
}
