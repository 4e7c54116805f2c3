import Files
import GlowModel
import GlowTraining
import TrainingImages

/// What decides what a training computes, by name, as text: kept in its checkpoint, and compared when it is resumed.
struct TrainingSettings {
    let values: [String: String]

    init(_ configuration: Training.Configuration, _ model: GlowArchitecture, _ sampler: BatchSampler) {
        let (crops, optimizer) = (configuration.crops, configuration.optimizer)
        values = [
            "images": "\(sampler.corpus.count) (names and sizes \(String(sampler.corpus.fingerprint, radix: 16)))",
            "crop": "\(crops.size)",
            "batch": "\(crops.batch)",
            "downscale": "\(crops.largestShrink)",
            "chroma-detail": "\(crops.chromaDetail)",
            "clean-jpeg": crops.jpegQuality.map(String.init) ?? "none",
            "flips": "\(crops.flips)",
            "noise-levels": "\(crops.noiseBits)",
            "levels": "\(model.levels)",
            "steps-per-level": model.steps.map(String.init).joined(separator: ","),
            "hidden": "\(model.hidden)",
            "coupling": model.coupling.rawValue,
            "from": configuration.start.name,
            "steps": "\(optimizer.steps)",
            "learning-rate": "\(optimizer.learningRate)",
            "warm-up": "\(optimizer.warmUpSteps)",
            "decay": optimizer.decay.rawValue,
            "clip": "\(optimizer.gradientNormLimit)",
            "ema-decay": "\(optimizer.emaDecay)",
            "seed": "\(configuration.seed)",
            "precision": configuration.precision.rawValue,
        ]
    }

    /// - Throws: `FileError` that names the checkpoint and an option that differs.
    func requireEqual(to checkpoint: Checkpoint, path: String) throws {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            let former = checkpoint.notes[name] ?? "an unknown value"
            guard former == value else {
                throw FileError(path: path, reason: "cannot be resumed with \(name) \(value): it was begun with \(former)")
            }
        }
    }
}
