import CReglow
import Files
import GlowModel
import GlowTraining
import KernelInterface
import Reglow
import TrainingImages

/// What a caller asks of a training, checked, as the library has it.
struct TrainChoices {
    let configuration: Training.Configuration
    let isResuming: Bool

    /// The architecture of a new flow.
    private static let (levels, stepsPerLevel, hidden) = (4, 16, 128)
    private static let most = 1 << 40

    /// - Throws: a `Fault` that names the field at fault, `FileError`, `GlowArchitectureError`.
    init(_ options: reglow_train_options) throws {
        let images = PathName.decode(cString: try given(options.images, "images"))
        let model = PathName.decode(cString: try given(options.model, "model"))
        try require(
            fileExtension(of: model) == TrainingFiles.modelExtension,
            "model is '\(model)', but must end in .\(TrainingFiles.modelExtension)")
        var configuration = Training.Configuration(images: images, model: model, start: try Self.start(options))
        configuration.validation = options.validation.map { PathName.decode(cString: $0) }
        configuration.license = try options.license.map { _ in try givenText(options.license, "license") }
        configuration.crops = try Self.crops(options)
        configuration.optimizer = try Self.optimizer(options)
        configuration.reports = try Self.reports(options)
        try require(options.patience == 0 || options.validation != nil, "patience needs validation")
        configuration.seed = options.seed
        configuration.precision = try Precision(options.precision)
        configuration.threads = try threadCount(options.threads)
        try requireCount(options.activation_memory, "activation_memory", 1 << 20 ... 1 << 60)
        configuration.activationMemory = options.activation_memory
        try requireCount(options.image_memory, "image_memory", 0 ... 1 << 60)
        configuration.imageMemory = options.image_memory
        self.configuration = configuration
        isResuming = options.resume != 0
    }

    private static func start(_ options: reglow_train_options) throws -> Training.Start {
        try requireCount(options.levels, "levels", 0 ... Int(REGLOW_MOST_LEVELS))
        try requireCount(options.steps_per_level, "steps_per_level", 0 ... 1024)
        try requireCount(options.hidden, "hidden", 0 ... 65536)
        let coupling = try choice(options.coupling.rawValue, "coupling", [GlowArchitecture.Coupling.additive, .affine])
        guard let from = options.from else {
            return .new(
                try GlowArchitecture(
                    levels: options.levels == 0 ? levels : options.levels,
                    steps: options.steps_per_level == 0 ? stepsPerLevel : options.steps_per_level,
                    hidden: options.hidden == 0 ? hidden : options.hidden, coupling: coupling))
        }
        try require(
            options.levels == 0 && options.hidden == 0,
            "levels and hidden must be 0 with from: a model can be given more steps and affine coupling only")
        return .model(
            path: try ShippedFiles.priorPath(PathName.decode(cString: from)),
            stepsPerLevel: options.steps_per_level == 0 ? nil : options.steps_per_level, coupling: coupling == .affine ? .affine : nil)
    }

    private static func crops(_ options: reglow_train_options) throws(Fault) -> Training.Crops {
        var crops = Training.Crops()
        try requireCount(options.crop, "crop", 1 ... 4096)
        try requireCount(options.batch, "batch", 1 ... 4096)
        try requireNumber(options.downscale, "downscale", 1 ... 64)
        try requireNumber(options.chroma_detail, "chroma_detail", 0 ... 1)
        try requireCount(options.clean_jpeg, "clean_jpeg", 0 ... 100)
        try requireCount(options.noise_bits, "noise_bits", Dequantization.bitBounds)
        try requireCount(options.validation_crops, "validation_crops", 1 ... 100_000)
        (crops.size, crops.batch, crops.flips) = (options.crop, options.batch, options.flips != 0)
        (crops.largestShrink, crops.chromaDetail) = (options.downscale, options.chroma_detail)
        crops.jpegQuality = options.clean_jpeg == 0 ? nil : options.clean_jpeg
        (crops.noiseBits, crops.validationLimit) = (options.noise_bits, options.validation_crops)
        return crops
    }

    private static func optimizer(_ options: reglow_train_options) throws -> TrainingOptions {
        var optimizer = TrainingOptions()
        try requireCount(options.steps, "steps", 1 ... most)
        try requireCount(options.warm_up, "warm_up", 0 ... most)
        (optimizer.steps, optimizer.learningRate, optimizer.warmUpSteps) = (options.steps, options.learning_rate, options.warm_up)
        optimizer.decay = options.cosine_decay != 0 ? .cosine : .constant
        (optimizer.gradientNormLimit, optimizer.emaDecay) = (options.clip, options.ema_decay)
        do {
            try optimizer.validate()
        } catch {
            throw Fault.argument("\(error)")
        }
        return optimizer
    }

    private static func reports(_ options: reglow_train_options) throws(Fault) -> Training.Reports {
        var reports = Training.Reports()
        try requireCount(options.report_every, "report_every", 1 ... most)
        try requireCount(options.validate_every, "validate_every", 1 ... most)
        try requireCount(options.samples_every, "samples_every", 0 ... most)
        try requireCount(options.checkpoint_every, "checkpoint_every", 1 ... most)
        try requireCount(options.patience, "patience", 0 ... most)
        try requireNumber(options.stop_after_seconds, "stop_after_seconds", 0 ... 1e10)
        (reports.recordEvery, reports.validateEvery) = (options.report_every, options.validate_every)
        (reports.samplesEvery, reports.checkpointEvery) = (options.samples_every, options.checkpoint_every)
        reports.patience = options.patience == 0 ? nil : options.patience
        reports.stopAfter = options.stop_after_seconds == 0 ? nil : .seconds(options.stop_after_seconds)
        return reports
    }
}

extension reglow_train_options: VersionedStruct {
    static var name: String { "reglow_train_options" }

    static var defaults: reglow_train_options {
        let (crops, optimizer, reports) = (Training.Crops(), TrainingOptions(), Training.Reports())
        let standard = Training.Configuration(images: "", model: "", start: .model(path: ""))
        var options = reglow_train_options()
        (options.crop, options.batch, options.flips) = (crops.size, crops.batch, crops.flips ? 1 : 0)
        (options.downscale, options.chroma_detail) = (crops.largestShrink, crops.chromaDetail)
        (options.noise_bits, options.validation_crops) = (crops.noiseBits, crops.validationLimit)
        (options.steps, options.learning_rate, options.warm_up) = (optimizer.steps, optimizer.learningRate, optimizer.warmUpSteps)
        options.cosine_decay = optimizer.decay == .cosine ? 1 : 0
        (options.clip, options.ema_decay) = (optimizer.gradientNormLimit, optimizer.emaDecay)
        (options.report_every, options.validate_every) = (reports.recordEvery, reports.validateEvery)
        (options.samples_every, options.checkpoint_every) = (reports.samplesEvery, reports.checkpointEvery)
        (options.activation_memory, options.image_memory) = (standard.activationMemory, standard.imageMemory)
        return options
    }
}
