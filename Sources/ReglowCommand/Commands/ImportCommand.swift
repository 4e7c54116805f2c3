import ArgumentParser
import Reglow
import TrainingReports

/// `reglow import`: a trained Glow of PyTorch or TensorFlow as a model file.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes a model file of a checkpoint of PyTorch or TensorFlow.",
        discussion: """
            Reads checkpoints of nine public implementations of Glow (\(CheckpointFamily.allCases.map(\.rawValue).joined(separator: ", "))) \
            in the files of torch.save, in safetensors and in NumPy's .npz. What kind it is, and its architecture, are found out; nothing \
            in the file is run. What the file does not say is set by --set, or found out by --probe with images that the model was \
            trained on.

              reglow import glow.pt --output mine.safetensors
              reglow import glowip.pt --output mine.safetensors --config configs.json --probe faces
              reglow import glowip.pt --output mine.safetensors --set squeeze=interleaved --set last-offset=1
            """)

    @Argument(help: "The checkpoint.", completion: .file())
    var checkpoint: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The model file, .safetensors.", valueName: "file"), completion: .models)
    var output: String?

    @Option(help: ArgumentHelp("The configuration that the training script wrote, a JSON file.", valueName: "file"), completion: .json)
    var config: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            What the file does not say, may be repeated: squeeze (glowip: interleaved, contiguous, contiguous-but-last), last-offset and \
            scale-offset (glowip, affine: numbers), scale-map (normflows: sigmoid, exp, inverse-sigmoid), permutation (y0ast, chaiyujin: \
            reverse), class (a number), input-offset (a number).
            """, valueName: "key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp("Images that the model was trained on, in the size of the training.", valueName: "folder"),
        completion: .directory)
    var probe: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Bits of the images that the model was trained on (default: what --config says, else what the family trains with).",
            valueName: "bits"))
    var noiseLevels: Int?

    @Option(
        help: ArgumentHelp("Compares bits per dimension of images before and after, in double and in fp32.", valueName: "folder"),
        completion: .directory)
    var check: String?

    @Flag(help: "Reports what the checkpoint is, and writes nothing.")
    var dryRun = false

    @OptionGroup
    var engine: EngineOptions

    func validate() throws {
        try require(output != nil || dryRun, "import needs --output, or --dry-run to write nothing")
        try require(!(dryRun && check != nil), "--check compares the file that is written, but --dry-run writes none")
        if let output { try OutputFiles.requireEnding("--output", output, [TrainingFiles.modelExtension]) }
        if let noiseLevels {
            try require((1 ... 8).contains(noiseLevels), "--noise-levels is \(noiseLevels), but must be from 1 to 8 bits")
        }
        try OutputFiles.requireDistinct([("--output", output), ("--json", engine.json)], inputs: [checkpoint, config])
        _ = try settings()
    }

    private func settings() throws -> ImportSettings {
        var settings = ImportSettings()
        for assignment in set {
            do {
                try settings.set(assignment)
            } catch {
                throw ValidationError("--set \(error)")
            }
        }
        return settings
    }

    func run() throws {
        try engine.requireJSONWritable()
        let target = dryRun ? nil : output
        if let target { try AtomicFile.requireWritable(target) }
        let notes = engine.makeNotes()
        let imported = try ImportedGlow(
            checkpoint: checkpoint, settings: settings(), configuration: config.map { try ImportConfiguration(path: $0) } ?? .init(),
            probe: probe.map { try images($0, notes) }, threads: engine.parallelism.threads)
        for note in imported.notes { notes.tell(checkpoint, note) }
        let checked = try check.map { (try images($0, notes)) }
        if let target { try imported.write(to: target) }
        let comparison = try target.flatMap { target in
            try checked.map { try imported.check(target, images: $0, threads: engine.parallelism.threads) }
        }
        let report = ImportReport(imported, output: target, check: comparison)
        try engine.deliver(EngineReport(report, engine, notes), text: report.text)
    }

    private func images(_ folder: String, _ notes: Notes) throws -> ImportProbe {
        try ImportProbe(paths: Folder.images(in: folder), noiseLevels: noiseLevels, notes: notes)
    }
}
