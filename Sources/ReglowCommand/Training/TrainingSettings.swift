import Reglow

/// The options that decide what a training computes, by name, as text: kept in its checkpoint, and compared when it is resumed.
struct TrainingSettings {
    let values: [String: String]

    init(
        _ images: TrainingImageOptions, _ optimizer: OptimizerArguments, _ model: GlowArchitecture, _ sampler: BatchSampler,
        start: String?, _ engine: EngineOptions
    ) {
        values = [
            "images": "\(sampler.corpus.count) (names and sizes \(String(sampler.corpus.fingerprint, radix: 16)))",
            "--crop": "\(images.crop)",
            "--batch": "\(images.batch)",
            "--downscale": "\(images.downscale)",
            "--chroma-detail": "\(images.chromaDetail)",
            "--clean-jpeg": images.cleanJpeg.map(String.init) ?? "none",
            "--flips": "\(images.flips)",
            "--noise-levels": "\(images.noiseLevels)",
            "--levels": "\(model.levels)",
            "--steps-per-level": model.steps.map(String.init).joined(separator: ","),
            "--hidden": "\(model.hidden)",
            "--coupling": model.coupling.rawValue,
            "--from": start.map(baseName) ?? "none",
            "--steps": "\(optimizer.steps)",
            "--learning-rate": "\(optimizer.learningRate)",
            "--warm-up": "\(optimizer.warmUp)",
            "--decay": optimizer.decay.rawValue,
            "--clip": "\(optimizer.clip)",
            "--ema-decay": "\(optimizer.emaDecay)",
            "--seed": "\(optimizer.seed)",
            "--precision": engine.precision.rawValue,
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
