import CheckpointImport
import Files
import GlowModel
import Imaging
import KernelDispatch
import KernelInterface
import TrainingReports

/// A trained Glow of PyTorch or TensorFlow, read from a checkpoint of one of nine public implementations.
///
///     var settings = ImportSettings()
///     settings.squeeze = .interleaved
///     let imported = try ImportedGlow(checkpoint: "glow.pt", settings: settings)
///     try imported.write(to: "mine.safetensors")
///
/// No Python is needed, and nothing in the file is ever called. All folding is done in double precision and rounded once.
public struct ImportedGlow: Sendable {
    /// The checkpoint.
    public let path: String
    /// The implementation that wrote it.
    public let family: CheckpointFamily
    /// The format of the file, in words.
    public let container: String
    /// Where the model stands in the file: the keys of the dictionaries around its state dict, empty for a file that is nothing but it.
    public let place: String
    /// What the names of all of its tensors begin with.
    public let prefix: String
    /// The SHA-256 hash of the file, in hexadecimal digits.
    public let digest: String
    /// What the file does not say and was given or found out.
    public let decisions: [ImportDecision]
    /// The settings with those that were found out.
    public let settings: ImportSettings
    /// The mean over the images of the probe, nil without one.
    public let bitsPerDimension: Double?
    /// n of the noise that `bitsPerDimension` belongs to: its steps are 2^-n wide.
    public let noiseLevels: Int
    /// Images of the probe that were used.
    public let probeImages: Int
    /// What the user should know.
    public let notes: [String]

    let model: FoldedFlow
    let probe: PreparedProbe?
    private let dataset: String?

    /// Reads a checkpoint, and finds out what it does not say where a probe can tell.
    ///
    /// - Parameters:
    ///   - path: the checkpoint.
    ///   - settings: what is known about it.
    ///   - configuration: what the training script wrote beside it.
    ///   - probe: images that the model was trained on.
    ///   - threads: how many threads work at once; nil is what the machine and its cgroup offer.
    /// - Throws: `CheckpointError` that names what is missing, unknown, undecided or not possible; `FileError` for a probe that has no image
    ///   the model takes.
    public init(
        checkpoint path: String, settings: ImportSettings = ImportSettings(), configuration: ImportConfiguration = ImportConfiguration(),
        probe: ImportProbe? = nil, threads: Int? = nil
    ) throws {
        let parallelism = Parallelism(threads: threads ?? ThreadCount.available())
        let checkpoint = try GlowCheckpoint(path: path)
        let folded = try checkpoint.folded(settings, configuration)
        let bits = probe?.noiseLevels ?? configuration.noiseLevels ?? checkpoint.family.usualNoiseLevels
        let prepared = try probe.map {
            try PreparedProbe(
                $0, folded.architecture, size: folded.imageSize ?? configuration.imageSize, bits: bits, path: path)
        }
        var reading = ImportReading(checkpoint, folded, settings, configuration)
        try reading.decide(prepared, parallelism: parallelism)

        self.path = path
        family = checkpoint.family
        container = checkpoint.format.rawValue
        place = checkpoint.place
        prefix = checkpoint.prefix
        digest = checkpoint.digest()
        decisions = reading.decisions
        self.settings = reading.settings
        bitsPerDimension = reading.score?.bits
        noiseLevels = bits
        probeImages = prepared?.count ?? 0
        model = reading.model
        self.probe = prepared
        dataset = configuration.dataset
        var notes = reading.notes
        if let prepared, prepared.leftOut > 0 {
            notes.append("\(prepared.leftOut) images of the probe are not of a size that the model was trained on; left out")
        }
        self.notes = notes
    }

    /// Levels, steps, hidden channels and coupling.
    public var architecture: GlowArchitecture { model.architecture }

    /// The format of the model file: what version 1 does not hold takes version 2.
    public var modelFormat: String { model.metadata["format"] ?? "" }

    /// Height and width of the only images that the model takes, where its density is given pixel by pixel; else nil.
    public var imageSize: Problem.ImageSize? {
        model.imageSize.map { Problem.ImageSize(height: $0.height, width: $0.width) }
    }

    /// What the model file says about itself.
    public func card(name: String) -> ModelCard {
        let said = settings.text.isEmpty ? "" : "; \(settings.text)"
        var entries = ["name": name, "imported_from": "\(family.rawValue)\(said); sha256 \(digest)"]
        entries["training_data"] = dataset
        if let bitsPerDimension {
            entries["bits_per_dimension"] = "\(bitsPerDimension.fixed(3)) at \(noiseLevels) bits (\(probeImages) images of the import)"
        }
        return ModelCard(entries)
    }

    /// Writes the model file. A file at `path` is replaced only when the new one is complete.
    ///
    /// - Throws: `FileError` when it cannot be written.
    public func write(to path: String) throws {
        let file = fileName(of: path)
        let name = file.hasSuffix(".safetensors") ? String(file.dropLast(".safetensors".count)) : file
        try model.write(to: path, card: card(name: name).entries)
    }
}

extension CheckpointFamily {
    /// The bits of the images that its training script takes unless told otherwise.
    var usualNoiseLevels: Int {
        switch self {
        case .glowip, .rosinality, .kamen, .openai: 5
        case .y0ast, .chaiyujin, .normflows, .pclucas, .dajin: 8
        }
    }
}
