import Files
import GlowModel
import GlowTraining
import Imaging
import KernelInterface
import TrainingImages
import TrainingReports

/// What a training makes of its parameters: the model, checkpoints, samples, the curve. All but checkpoints are of the average.
struct TrainingProducts {
    let files: TrainingFiles
    let card: TrainingCard
    /// The options that a call to resume must repeat.
    let settings: TrainingSettings
    let hasValidation: Bool
    let sampleSize: Problem.ImageSize
    let seed: UInt64
    let precision: Precision
    let parallelism: Parallelism

    private static let sampleRows = 3
    private static let sampleColumns = 8
    private static let sampleTemperature = 0.7

    /// The mean over the crops.
    func bitsPerDimension(_ parameters: TrainingParameters, of crops: ValidationCrops) throws -> Double {
        let flow = try Glow(FoldedGlow(parameters), precision: precision)
        let bits = try flow.bitsPerDimension(of: crops, parallelism: parallelism)
        return bits.reduce(0, +) / Double(bits.count)
    }

    /// Checkpoint and curve; and the model, unless the one that is there was the best on validation images.
    func write(_ trainer: Trainer, _ records: [TrainingRecord]) throws {
        try trainer.checkpoint(notes: settings.values).write(to: files.checkpoint)
        try AtomicFile.write(LossCurve(records, title: card.name).svg(), to: files.curve)
        if !hasValidation || records.lowestValidation == nil, let last = records.last { try writeModel(trainer.ema, last) }
    }

    /// - Parameter record: of the step that the parameters are of.
    func writeModel(_ parameters: TrainingParameters, _ record: TrainingRecord) throws {
        try ModelFile.write(FoldedGlow(parameters, card: card.modelCard(record)), to: files.model)
    }

    /// A sheet of samples of the training's own size, always of the same latents.
    func writeSamples(_ parameters: TrainingParameters, step: Int) throws {
        let flow = try Glow(FoldedGlow(parameters), precision: precision)
        let images = try flow.sample(
            count: Self.sampleRows * Self.sampleColumns, size: sampleSize, temperature: Self.sampleTemperature, seed: seed,
            parallelism: parallelism)
        // A flow that has barely begun may leave the numbers that a file can hold.
        guard images.allSatisfy({ $0.pixels.allSatisfy(\.isFinite) }) else { return }
        let rows = (0 ..< Self.sampleRows).map { row in
            images[row * Self.sampleColumns ..< (row + 1) * Self.sampleColumns].map { LabelledGrid.Cell($0) }
        }
        let title = "step \(step)\ntemperature \(Self.sampleTemperature.fixed(1))"
        let scale = 128 / max(sampleSize.height, sampleSize.width)
        let grid = LabelledGrid(columnLabels: [], rowLabels: [title], cells: rows, scale: scale, textScale: 1)
        try Folder.create(files.samples)
        try ImageFile.write(try grid.rendered(), to: files.samples(step: step))
    }
}
