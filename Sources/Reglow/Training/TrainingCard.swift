import GlowModel
import TrainingReports

/// What the model file says about itself.
struct TrainingCard {
    let name: String
    let license: String?
    let data: String
    /// How it is trained, in a line.
    let training: String
    let noiseBits: Int

    func modelCard(_ record: TrainingRecord) -> ModelCard {
        var entries = ["name": name, "training_data": data, "training": "step \(record.step) of \(training)"]
        entries["license"] = license
        if let bits = record.validationBitsPerDimension {
            entries["bits_per_dimension"] = "\(bits.fixed(3)) at \(noiseBits) bits (validation)"
        }
        return ModelCard(entries)
    }
}
