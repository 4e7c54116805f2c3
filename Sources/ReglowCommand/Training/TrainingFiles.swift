import Reglow

/// The files of a training, beside its model: for `faces.safetensors` these are `faces.checkpoint`, `faces.log.jsonl`,
/// `faces.loss.svg` and the folder `faces.samples`.
struct TrainingFiles {
    let model: String
    let checkpoint: String
    let log: String
    let curve: String
    let samples: String

    static let modelExtension = "safetensors"

    init(model: String) {
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
    func requireWritable() throws {
        for path in [model, checkpoint, log, curve] { try AtomicFile.requireWritable(path) }
    }

    var hasCheckpoint: Bool { FolderEntries.exists(checkpoint) }
}
