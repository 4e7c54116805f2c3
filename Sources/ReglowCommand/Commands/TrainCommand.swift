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

    @OptionGroup(title: "Files")
    var reportOption: ReportOption

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
        try engine.requireJSONWritable()
        try reportOption.requireRoom()
        let paths = TrainingFiles(model: files.output)
        if !files.resume, paths.hasCheckpoint {
            throw FileError(path: paths.checkpoint, reason: "is a training: go on with --resume, or remove it to start anew")
        }
        let model = try flow.architecture()
        try require(
            images.crop % model.sizeMultiple == 0,
            "--crop is \(images.crop), but must be a multiple of \(model.sizeMultiple) for \(model.levels) levels")
        let log = engine.log
        let training = try Training(try configuration(), resuming: files.resume) { log.warning("\($0); left out") }
        let (all, onDisk) = training.imageCount
        let rest = onDisk == 0 ? "" : ", \(onDisk) of them decoded at each use because of --image-memory"
        log.notice("\(folder): \(all) \(all == 1 ? "image" : "images")\(rest)")

        StopSignal.listen()
        let progress = engine.trainingProgress(firstStep: training.step, steps: optimizer.steps, batch: images.batch)
        defer { progress?.finish() }
        let result = try training.run(
            onStep: { progress?.update(step: $0, bitsPerDimension: $1) }, onRecord: { progress?.report($0) },
            isToStop: { StopSignal.isReceived })
        progress?.finish()
        let summary = TrainingSummary(training.files, result)
        if let folder = reportOption.folder {
            let page = try TrainingPage.make(
                training.files, summary: summary.text, command: ReportOption.command, parameters: training.parameters,
                threads: engine.parallelism.threads)
            try page.write(into: folder)
            log.notice("--report: the page is \(Folder.joined(folder, RestorationReport.fileName))")
        }
        try engine.deliver(EngineReport(summary, engine), text: summary.text)
    }

    private func configuration() throws -> Training.Configuration {
        var configuration = Training.Configuration(images: folder, model: files.output, start: try flow.trainingStart())
        configuration.validation = images.validation
        configuration.crops = images.crops
        configuration.optimizer = optimizer.options
        configuration.reports = reports.reports
        configuration.seed = optimizer.seed
        configuration.precision = try engine.precision.single()
        configuration.threads = engine.parallelism.threads
        configuration.activationMemory = optimizer.memory << 20
        configuration.imageMemory = images.imageMemory << 20
        configuration.license = files.license
        return configuration
    }
}
