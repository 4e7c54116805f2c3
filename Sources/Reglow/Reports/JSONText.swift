import Files
import FoundationEssentials

/// A number of a report. JSON has no infinity and no NaN: these, and a number that could not be computed, are `null`.
package struct JSONNumber: Encodable {
    package let value: Double?

    package init(_ value: Double?) {
        self.value = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value, value.isFinite {
            try container.encode(value)
        } else {
            try container.encodeNil()
        }
    }
}

/// Reports as text: keys sorted, names in snake_case.
package enum JSONText {
    package static func encode(_ report: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return PathName.shown(inText: String(decoding: try encoder.encode(report), as: UTF8.self), backslash: "\\\\")
    }
}
