import ArgumentParser
import Reglow
import TrainingReports

/// `reglow train`: a prior from a folder of images.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a prior on a folder of images.",
        usage: "reglow train <folder> --output <model> [options]",
        discussion: """
            All PNG, JPEG, TIFF, WebP and .npy images of the folder and of those in it are used, as random crops; one that is damaged or smaller \
            than a crop is named and left out. Beside MODEL.safetensors it writes MODEL.checkpoint, MODEL.log.jsonl, \
            MODEL.loss.svg and pictures of samples into MODEL.samples. MODEL holds the averaged weights that were best on \
            --validation, or without it the latest.

            An interrupt (control-C) writes a checkpoint and ends; the same call with --resume goes on from there as if nothing had \
            been, bit for bit.

              reglow train photos --output mine.safetensors --levels 3 --validation others
              reglow train photos --output mine.safetensors --levels 3 --validation others --resume
            """)

    @Argument(help: "The folder of images.", completion: .directory)
    var folder: String

    @OptionGroup(title: "Files")
    var files: Files

    @OptionGroup(title: "Images")
    var images: TrainingImageOptions

    @OptionGroup(title: "Flow")
    var flow: FlowOptions

    @OptionGroup(title: "Steps")
    var optimizer: OptimizerArguments

    @OptionGroup(title: "Reports")
    var reports: TrainingReportOptions

    @OptionGroup(title: "Engine")
    var engine: EngineOptions

    struct Files: ParsableArguments {
        @Option(
            name: .shortAndLong, help: ArgumentHelp("The model, .safetensors; the other files stand beside it.", valueName: "file"),
            completion: .models)
        var output: String

        @Flag(help: "Go on from the checkpoint beside the output.")
        var resume = false

        @Option(help: ArgumentHelp("Terms of use for the model's card.", valueName: "text"))
        var license: String?
    }

    func validate() throws {
        _ = try engine.precision.single()
        try OutputFiles.requireEnding("--output", files.output, [TrainingFiles.modelExtension])
        let paths = TrainingFiles(model: files.output)
        try OutputFiles.requireDistinct(
            [("--output", paths.model), ("the log", paths.log), ("the checkpoint", paths.checkpoint), ("--json", engine.json)],
            inputs: [flow.start])
        if reports.patience != nil { try require(images.validation != nil, "--patience needs --validation") }
    }

    func run() throws {
        let paths = TrainingFiles(model: files.output)
        try paths.requireWritable()
        try engine.requireJSONWritable()
        if !files.resume, paths.hasCheckpoint {
            throw FileError(path: paths.checkpoint, reason: "is a training: go on with --resume, or remove it to start anew")
        }
        let model = try flow.architecture()
        try require(
            images.crop % model.sizeMultiple == 0,
            "--crop is \(images.crop), but must be a multiple of \(model.sizeMultiple) for \(model.levels) levels")
        let sampler = try images.sampler(folder, for: model, seed: optimizer.seed, engine: engine)
        let validation = try images.validation(for: model, seed: optimizer.seed, engine: engine)

        let settings = TrainingSettings(images, optimizer, model, sampler, start: flow.start, engine)
        let trainer = try makeTrainer(sampler, settings, paths)
        let log = try files.resume ? TrainingLog(continuing: paths.log, upTo: trainer.step) : TrainingLog(beginning: paths.log)
        var loop = TrainingLoop(
            trainer, sampler: sampler, validation: validation, plan: TrainingPlan(steps: optimizer.steps, reports),
            products: try products(paths, settings, sampler), log: log,
            progress: engine.trainingProgress(firstStep: trainer.step, steps: optimizer.steps, batch: images.batch),
            parallelism: engine.parallelism)
        StopSignal.listen()
        let ending = try loop.run()
        let summary = TrainingSummary(paths, log.records, ending)
        try engine.deliver(EngineReport(summary, engine), text: summary.text)
    }

    private func makeTrainer(_ sampler: BatchSampler, _ settings: TrainingSettings, _ paths: TrainingFiles) throws -> Trainer {
        var setup = Trainer.Setup(imageShape: sampler.imageShape, images: images.batch)
        setup.precision = try engine.precision.single()
        setup.threads = engine.parallelism.threads
        setup.memoryBudget = optimizer.memory << 20
        guard files.resume else {
            let (parameters, startsActnorm) = try flow.parameters(seed: optimizer.seed)
            return try Trainer(
                parameters, startsActnorm: startsActnorm, options: optimizer.options, seed: optimizer.seed, setup: setup)
        }
        guard paths.hasCheckpoint else { throw FileError(path: paths.checkpoint, reason: "there is no training to go on with") }
        let checkpoint = try Checkpoint(path: paths.checkpoint)
        try settings.requireEqual(to: checkpoint, path: paths.checkpoint)
        return try Trainer(resuming: checkpoint, setup: setup)
    }

    private func products(_ paths: TrainingFiles, _ settings: TrainingSettings, _ sampler: BatchSampler) throws -> TrainingProducts {
        let card = TrainingCard(
            name: baseName(of: files.output), license: files.license,
            data: "\(sampler.corpus.count) images, crops of \(images.crop)x\(images.crop), noise of \(images.noiseLevels) bits",
            training: "\(optimizer.steps), \(images.batch) crops each, seed \(optimizer.seed)", noiseBits: images.noiseLevels)
        return try TrainingProducts(
            files: paths, card: card, settings: settings, hasValidation: images.validation != nil,
            sampleSize: Problem.ImageSize(sampler.imageShape), seed: optimizer.seed, precision: engine.precision.single(),
            parallelism: engine.parallelism)
    }
}
