import GlowModel
import Imaging
import InverseSolvers
import KernelInterface

/// How far the sampling of one measurement's posterior is.
public struct PosteriorProgress: Sendable {
    /// Index in the list of measurements.
    public let measurement: Int
    /// Trajectories of each chain that are done, those of the burn-in included.
    public let done: Int
    /// Trajectories of each chain in all.
    public let count: Int
    /// The mean acceptance of the latest ones.
    public let acceptance: Double
}

extension Restorer {
    /// Draws images from the posterior of each measurement, and returns their mean, deviation and quantiles.
    ///
    /// lambda counts as the variance of the noise, and the density as that of images, with its log-determinant. The chains begin near the
    /// mode, which is found first, by the options of the restorer. With a self-ensemble half of them see the mirror image, left for right: the
    /// draws, turned back, are of the posteriors under the prior and under its mirror image in equal parts.
    ///
    /// - Parameters:
    ///   - measurements: y = A u + noise, u on the [0, 1] scale.
    ///   - problem: A, up to the seed that each measurement brings.
    ///   - noiseDeviation: sigma, on the [0, 1] scale.
    ///   - regularizationWeight: lambda; nil is `defaultRegularizationWeight(noiseDeviation:)`.
    ///   - posterior: how many draws and chains.
    ///   - onProgress: called on the calling thread as the chains of each measurement go on.
    /// - Throws: `MeasurementError` when a measurement does not fit the problem, or its posterior cannot be sampled; `SolverError` for bad
    ///   options; what `onProgress` throws.
    public func posterior(
        _ measurements: [ImageMeasurement], problem: Problem, noiseDeviation: Double = 0.01, regularizationWeight: Double? = nil,
        posterior: PosteriorOptions = PosteriorOptions(), onProgress: ((PosteriorProgress) throws -> Void)? = nil
    ) throws -> [PosteriorEstimate] {
        try posterior.validate(views: options.selfEnsemble ? 2 : 1)
        let rule = regularizationWeight.map { RegularizationRule.fixed($0) } ?? .noiseVariance(.known(noiseDeviation))
        let session = RestorationSession(self, problem: problem, regularization: rule)
        var modes = [RestoredImage?](repeating: nil, count: measurements.count)
        try session.restore(measurements) { modes[$0] = try $1.get() }
        return try modes.enumerated().compactMap { index, mode in
            guard let mode else { return nil }
            return try session.posterior(of: measurements[index], index: index, mode: mode, posterior, onProgress: onProgress)
        }
    }
}

extension RestorationSession {
    /// Draws images from the posterior of a measurement whose mode is known.
    ///
    /// lambda is sigma^2 where the rule is that and sigma is known or estimated, else that of the mode. For a grey measurement, which the prior
    /// sees in each of its C channels with one and the same noise, it is C sigma^2: C measurements with independent noise of C sigma^2 tell as
    /// much as one with sigma^2.
    ///
    /// - Parameters:
    ///   - measurement: y = A u + noise, u on the [0, 1] scale.
    ///   - index: of the measurement, by which errors and progress know it.
    ///   - mode: what this session has restored from it.
    ///   - options: how many draws and chains.
    ///   - onProgress: called on the calling thread as the chains go on.
    ///   - checkpoint: called before each evaluation; where it throws the call ends, with that error.
    /// - Throws: `SolverError` for bad options; `MeasurementError` where the posterior cannot be sampled; what the closures throw.
    public func posterior(
        of measurement: ImageMeasurement, index: Int = 0, mode: RestoredImage, _ options: PosteriorOptions,
        onProgress: ((PosteriorProgress) throws -> Void)? = nil, checkpoint: (() throws -> Void)? = nil
    ) throws -> PosteriorEstimate {
        let views = mode.mirrored == nil ? 1 : 2
        try options.validate(views: views)
        let began = ContinuousClock.now
        let card = restorer.prior.card
        do {
            guard card.noiseLevels == nil else { throw ProblemError.posteriorOfNoisyPrior(card.name ?? "that was given") }
            let posed = try pose(measurement, index)
            let weight = posed.noiseVariance ?? mode.regularizationWeight
            let solves =
                try [posed.solved(mode.restoration)]
                + (mode.mirrored.map { [try posed.solved(mode.restoration).mirrored().solved($0)] } ?? [])
            let isGrey = measurement.shape.channels == 1 && measurement.isImage && restorer.prior.imageChannels > 1
            let place = posed.posedOperator.canvas.image.measurementShape
            let shape = isGrey ? ImageShape(channels: 1, height: place.height, width: place.width) : place
            var draws = PosteriorDraws(shape: shape, chains: options.chains, views: views)
            let events = PosteriorEvents(
                checkpoint: checkpoint,
                onProgress: { done, count, acceptance in
                    try onProgress?(PosteriorProgress(measurement: index, done: done, count: count, acceptance: acceptance))
                }
            ) { draw in
                let seen = solves[draw.chain * views / options.chains].posed
                func pixels(_ values: [Float]) throws -> [Float] {
                    let image = try seen.image(of: values)
                    return isGrey ? try image.channelMean().pixels : image.pixels
                }
                draws.add(
                    try pixels(draw.image), deflected: try pixels(zip(draw.image, draw.deflection).map(-)), logDensity: draw.logDensity,
                    chain: draw.chain)
            }
            let reports = try solver.sample(solves.map { try $0.posteriorView(weight) }, options, events)
            let (mean, deviation) = try draws.moments()
            let quantiles = try draws.quantiles(options.quantiles, restorer.parallelism)
            let seconds = began.duration(to: .now).inSeconds
            return PosteriorEstimate(
                mode: mode, mean: mean, deviation: deviation, quantiles: quantiles, samples: try draws.samples(),
                diagnostics: draws.diagnostics(reports, options: options, seconds: seconds))
        } catch let error as ProblemError {
            throw MeasurementError(measurement: index, reason: error)
        } catch let error as OperatorError {
            throw MeasurementError(measurement: index, reason: error)
        } catch let error as SolverError {
            guard case .option = error else { throw MeasurementError(measurement: index, reason: error) }
            throw error
        }
    }
}

extension SolvedProblem {
    /// - Parameter weight: lambda.
    fileprivate func posteriorView(_ weight: Double) throws -> PosteriorView {
        var problem = try posed.inverseProblem()
        (problem.regularizationWeight, problem.criterion) = (weight, nil)
        return PosteriorView(problem: problem, start: restoration.image)
    }
}

extension PosedProblem {
    fileprivate func solved(_ restoration: Restoration) -> SolvedProblem { SolvedProblem(posed: self, restoration: restoration) }

    /// The variance of the noise of each number of the measurement, as independent of the others as the data fidelity takes it; nil where sigma is
    /// not known, or lambda is searched for.
    fileprivate var noiseVariance: Double? {
        guard chosen.criterion == nil, let deviation = chosen.noiseDeviation else { return nil }
        return Double(copies) * Restorer.defaultRegularizationWeight(noiseDeviation: deviation)
    }
}
