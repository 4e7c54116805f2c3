import Files

/// The files of a training, beside its model: for `faces.safetensors` these are `faces.checkpoint`, `faces.log.jsonl`,
/// `faces.loss.svg` and the folder `faces.samples`.
public struct TrainingFiles: Sendable {
    /// The model file.
    public let model: String
    /// What a resumed training goes on from.
    public let checkpoint: String
    /// The log, a line of JSON for each record.
    public let log: String
    /// The curve of the loss, an SVG picture.
    public let curve: String
    /// The folder of pictures of samples.
    public let samples: String

    package static let modelExtension = "safetensors"

    /// The files beside a model file.
    public init(model: String) {
        let base = String(model.dropLast(fileExtension(of: model).count + 1))
        self.model = model
        checkpoint = base + ".checkpoint"
        log = base + ".log.jsonl"
        curve = base + ".loss.svg"
        samples = base + ".samples"
    }

    /// The picture of samples after a step.
    func samples(step: Int) -> String {
        let number = String(step)
        return Folder.joined(samples, "step-" + String(repeating: "0", count: max(0, 7 - number.count)) + number + ".png")
    }

    /// - Throws: `FileError` that names the first file that cannot be written, so that no night of training ends with it.
    package func requireWritable() throws {
        for path in [model, checkpoint, log, curve] { try AtomicFile.requireWritable(path) }
    }

    package var hasCheckpoint: Bool { FolderEntries.exists(checkpoint) }
}
