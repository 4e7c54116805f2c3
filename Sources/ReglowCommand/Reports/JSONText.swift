import FoundationEssentials
import Reglow

/// A number of a report. JSON has no infinity and no NaN: these, and a number that could not be computed, are `null`.
struct JSONNumber: Encodable {
    let value: Double?

    init(_ value: Double?) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value, value.isFinite {
            try container.encode(value)
        } else {
            try container.encodeNil()
        }
    }
}

/// Reports as text: keys sorted, names in snake_case.
enum JSONText {
    static func encode(_ report: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return PathName.shown(inText: String(decoding: try encoder.encode(report), as: UTF8.self), backslash: "\\\\")
    }
}

/// A report together with the engine that it was made on and the notes that the user was told: the keys of all, side by side.
struct EngineReport<Body: Encodable>: Encodable {
    let body: Body
    let engine: Engine

    struct Engine: Encodable {
        let isa: String
        let precision: PrecisionChoice
        let threads: Int
        let notes: [Notes.Note]
    }

    init(_ body: Body, _ options: EngineOptions, _ notes: Notes? = nil) throws {
        self.body = body
        engine = Engine(
            isa: try InstructionSet.selected().rawValue, precision: options.precision, threads: options.parallelism.threads,
            notes: notes?.all ?? [])
    }

    func encode(to encoder: any Encoder) throws {
        try engine.encode(to: encoder)
        try body.encode(to: encoder)
    }
}
