import FoundationEssentials
import Reglow

/// A report together with the engine that it was made on and the notes that the user was told: the keys of all, side by side.
struct EngineReport<Body: Encodable>: Encodable {
    let body: Body
    let engine: Engine

    struct Engine: Encodable {
        let isa: String
        let precision: PrecisionChoice
        /// In which gradients begin; null where it is that of values.
        let gradientPrecision: Precision?
        let threads: Int
        let notes: [Notes.Note]

        enum CodingKeys: String, CodingKey {
            case isa, precision, threads, notes
            case gradientPrecision = "gradient_precision"
        }
    }

    init(_ body: Body, _ options: EngineOptions, _ notes: Notes? = nil) throws {
        self.body = body
        engine = Engine(
            isa: try InstructionSet.selected().rawValue, precision: options.precision, gradientPrecision: options.precision.gradients,
            threads: options.parallelism.threads,
            notes: notes?.all ?? [])
    }

    func encode(to encoder: any Encoder) throws {
        try engine.encode(to: encoder)
        try body.encode(to: encoder)
    }
}
