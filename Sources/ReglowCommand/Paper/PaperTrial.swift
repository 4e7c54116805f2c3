import Reglow

/// One problem of the paper on some images: simulated, then solved by both methods.
struct PaperTrial {
    let problem: PaperProblem
    let truths: [TruthImage]
    let measurements: [SimulatedMeasurement]
    /// The part of each truth that is restored: of the truth of a window its middle.
    private let parts: [Problem.Scene]

    /// How the trials of a call are run.
    struct Setting {
        let restorer: Restorer
        let solver: SolverArguments
        let noise: NoiseOptions
        let engine: EngineOptions
        let notes: Notes
    }

    /// A method on one of the images.
    struct Outcome {
        let restored: RestoredImage
        /// Clipped to [0, 1].
        let image: Image
        let quality: Quality
    }

    /// Simulates; image i has the seed of the setting plus i.
    ///
    /// - Throws: `FileError` that names the image for which the problem cannot be posed.
    init(_ problem: PaperProblem, _ truths: [TruthImage], _ setting: Setting) throws {
        self.problem = problem
        self.truths = truths
        measurements = try truths.enumerated().map { index, truth in
            try naming(truth.path) {
                try SimulatedMeasurement(
                    of: truth.image, problem: problem.problem, noise: setting.noise.noise,
                    seed: setting.noise.seed &+ UInt64(index), parallelism: setting.restorer.parallelism)
            }
        }
        parts = try zip(truths, measurements).map { truth, measurement in
            let (whole, measured) = (Problem.ImageSize(truth.image.shape), Problem.ImageSize(measurement.image.shape))
            return try problem.problem.scene(ofMeasurement: measured, inTruth: whole) ?? Problem.Scene(whole, middleOf: whole)
        }
    }

    /// The images before restoration: `SimulatedMeasurement.spreadBack`.
    func degradedQuality(_ setting: Setting) throws -> [Quality] {
        let range = setting.restorer.prior.architecture.modelRange
        return try truths.indices.map { index in
            let part = parts[index]
            return try Quality(
                of: try measurements[index].spreadBack(range).cropped(to: part), truth: truths[index].image.cropped(to: part))
        }
    }

    /// The part of a truth that is restored.
    func part(_ index: Int) throws -> Image { try truths[index].image.cropped(to: parts[index]) }

    /// Restores all images in one way.
    func run(_ method: Approach, _ setting: Setting) throws -> [Outcome] {
        let label = "\(problem.name), \(method.rawValue)"
        let progress = setting.engine.progress(label, images: truths.count, budget: setting.solver.maxEvaluations)
        defer { progress?.finish() }
        var restorer = setting.restorer
        setting.solver.configure(&restorer, method)
        let restored = try restorer.restore(
            measurements.map { ImageMeasurement($0.image, seed: $0.seed) }, problem: problem.problem,
            noiseDeviation: setting.noise.noise
        ) { progress?.update($0) }
        return try truths.indices.map { index in
            let (truth, restored) = (truths[index], restored[index])
            if let diagnosis = restored.diverged?.diagnosis {
                setting.notes.tell(truth.path, "\(label) diverged: \(diagnosis)")
            }
            let image = try restored.image.clipped()
            return Outcome(restored: restored, image: image, quality: try Quality(of: image, truth: truth.image.cropped(to: parts[index])))
        }
    }
}
