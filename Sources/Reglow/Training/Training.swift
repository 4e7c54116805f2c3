import Files
import GlowModel
import GlowTraining
import Imaging
import KernelDispatch
import KernelInterface
import TrainingImages
import TrainingReports

/// A whole training of a prior on a folder of images: batches, records, validation, samples, checkpoints, and the model file.
///
///     var configuration = Training.Configuration(images: "photos", model: "mine.safetensors", start: .new(try GlowArchitecture(levels: 3)))
///     configuration.validation = "others"
///     let result = try Training(configuration).run()
///
/// A training that was interrupted goes on from its checkpoint as if nothing had been, bit for bit, on the same instruction set.
public final class Training {
    /// What is trained, on what.
    public let configuration: Configuration
    /// The files that it writes, beside the model.
    public let files: TrainingFiles

    private let trainer: Trainer
    private let sampler: BatchSampler
    private let validationCrops: ValidationCrops?
    private let settings: TrainingSettings
    /// What decides what is computed, as names and values.
    package var parameters: [(name: String, value: String)] { settings.values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    private let log: TrainingLog
    private let parallelism: Parallelism

    /// Reads the images and prepares the first step, or the next one.
    ///
    /// - Parameters:
    ///   - configuration: what is trained, on what.
    ///   - resuming: whether to go on from the checkpoint beside the model. Otherwise there must be none.
    ///   - onLeftOut: is told of each image that cannot be used, with the reason.
    /// - Throws: `FileError` that names a file that cannot be read or written, a folder without an image that can be used, or a checkpoint that is in the
    ///   way, is missing, or was begun with other settings; `ModelFileError` for a model to start from that is none; `TrainingError` for an
    ///   architecture or options that cannot be.
    public init(_ configuration: Configuration, resuming: Bool = false, onLeftOut: (FileError) -> Void = { _ in }) throws {
        self.configuration = configuration
        files = TrainingFiles(model: configuration.model)
        try files.requireWritable()
        if !resuming, files.hasCheckpoint {
            throw FileError(path: files.checkpoint, reason: "is a training: resume it, or remove it to start anew")
        }
        parallelism = Parallelism(threads: configuration.threads ?? ThreadCount.available())
        let architecture = try configuration.start.architecture()
        let crops = configuration.crops
        guard crops.size % architecture.sizeMultiple == 0 else {
            throw TrainingError(
                "the side of a crop is \(crops.size), but must be a multiple of \(architecture.sizeMultiple) for \(architecture.levels) levels"
            )
        }
        let dequantization = try Dequantization(bits: crops.noiseBits, pixelShift: architecture.pixelShift)
        func corpus(_ folder: String, jpegQuality: Int?, _ parallelism: Parallelism) throws -> ImageCorpus {
            try ImageCorpus(
                folder: folder, smallestSide: crops.size, jpegQuality: jpegQuality, memoryLimit: configuration.imageMemory,
                parallelism: parallelism, warn: onLeftOut)
        }
        sampler = try BatchSampler(
            corpus: corpus(configuration.images, jpegQuality: crops.jpegQuality, parallelism), options: crops.samplerOptions,
            dequantization: dequantization, seed: configuration.seed)
        let threads = parallelism
        validationCrops = try configuration.validation.map {
            try ValidationCrops(
                corpus: corpus($0, jpegQuality: nil, threads), cropSize: crops.size, limit: crops.validationLimit,
                dequantization: dequantization, seed: configuration.seed)
        }
        settings = TrainingSettings(configuration, architecture, sampler)
        trainer = try Self.makeTrainer(configuration, sampler, settings, files, resuming, parallelism)
        log = try resuming ? TrainingLog(continuing: files.log, upTo: trainer.step) : TrainingLog(beginning: files.log)
    }

    /// Steps done, those of earlier runs included.
    public var step: Int { trainer.step }
    /// Images that are trained with, and how many of them are decoded again at each use, because they do not fit the memory for images.
    public var imageCount: (all: Int, onDisk: Int) { (sampler.corpus.count, sampler.corpus.count - sampler.corpus.heldCount) }

    /// Trains until the last step or one of the other endings; a run that is asked to stop early does one step at least.
    ///
    /// - Parameters:
    ///   - onStep: called after each step with its number, from 1, and the bits per dimension of its batch.
    ///   - onRecord: called for each record of the log.
    ///   - isToStop: asked after each step; true ends the run with a checkpoint.
    /// - Throws: `FileError` for a file that cannot be written or read any more; `TrainingError` when the loss is not finite for long. The
    ///   checkpoint is then the last one that was due.
    public func run(
        onStep: @escaping (_ step: Int, _ bitsPerDimension: Double) -> Void = { _, _ in },
        onRecord: @escaping (TrainingRecord) -> Void = { _ in }, isToStop: @escaping () -> Bool = { false }
    ) throws -> Result {
        let crops = configuration.crops
        let card = TrainingCard(
            name: baseName(of: configuration.model), license: configuration.license,
            data: "\(sampler.corpus.count) images, crops of \(crops.size)x\(crops.size), noise of \(crops.noiseBits) bits",
            training: "\(configuration.optimizer.steps), \(crops.batch) crops each, seed \(configuration.seed)", noiseBits: crops.noiseBits)
        let products = TrainingProducts(
            files: files, card: card, settings: settings, hasValidation: configuration.validation != nil,
            sampleSize: Problem.ImageSize(height: crops.size, width: crops.size), seed: configuration.seed,
            precision: configuration.precision, parallelism: parallelism)
        var loop = TrainingLoop(
            trainer, sampler: sampler, validation: validationCrops,
            plan: TrainingPlan(steps: configuration.optimizer.steps, reports: configuration.reports), products: products, log: log,
            events: Events(onStep: onStep, onRecord: onRecord, isToStop: isToStop), parallelism: parallelism)
        let ending = try loop.run()
        return Result(ending: ending, last: log.records.last, lowestValidationBits: log.records.lowestValidation)
    }

    private static func makeTrainer(
        _ configuration: Configuration, _ sampler: BatchSampler, _ settings: TrainingSettings, _ files: TrainingFiles, _ resuming: Bool,
        _ parallelism: Parallelism
    ) throws -> Trainer {
        var setup = Trainer.Setup(imageShape: sampler.imageShape, images: configuration.crops.batch)
        setup.precision = configuration.precision
        setup.threads = parallelism.threads
        setup.memoryBudget = configuration.activationMemory
        guard resuming else {
            let (parameters, startsActnorm) = try configuration.start.parameters(seed: configuration.seed)
            return try Trainer(
                parameters, startsActnorm: startsActnorm, options: configuration.optimizer, seed: configuration.seed, setup: setup)
        }
        guard files.hasCheckpoint else { throw FileError(path: files.checkpoint, reason: "there is no training to go on with") }
        let checkpoint = try Checkpoint(path: files.checkpoint)
        try settings.requireEqual(to: checkpoint, path: files.checkpoint)
        return try Trainer(resuming: checkpoint, setup: setup)
    }

    /// What is heard of a run, and what it asks.
    struct Events {
        let onStep: (Int, Double) -> Void
        let onRecord: (TrainingRecord) -> Void
        let isToStop: () -> Bool
    }

    /// Why a run ended.
    public enum Ending: String, Sendable, Encodable {
        /// All steps are done.
        case steps
        /// Validation gained no more, see `Reports.patience`.
        case patience
        /// `Reports.stopAfter` is over.
        case time
        /// `isToStop` said so.
        case interrupted
    }

    /// What a run came to.
    public struct Result: Sendable {
        /// Why the run ended.
        public let ending: Ending
        /// The last record of the log; nil where nothing was done.
        public let last: TrainingRecord?
        /// The lowest bits per dimension of the validation images, which the model's are; nil where none were measured.
        public let lowestValidationBits: Double?
    }
}
