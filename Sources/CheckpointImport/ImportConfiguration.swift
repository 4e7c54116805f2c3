import Files
import FoundationEssentials

/// The configuration that a training script has written beside its checkpoint: a JSON object, of which some entries say what the checkpoint does
/// not. They are looked for at any depth.
public struct ImportConfiguration: Sendable {
    private let root: Value?

    /// No configuration.
    public init() { root = nil }

    private static let largest = 1 << 20

    /// Reads a JSON file.
    ///
    /// - Throws: `FileError` for a file that cannot be read, is larger than 1 MiB or is no JSON object.
    public init(path: String) throws {
        let bytes = try FileBytes.read(path) { _ in }
        guard bytes.count <= Self.largest else { throw FileError(path: path, reason: "is larger than 1 MiB, which no configuration is") }
        do {
            let value = try JSONDecoder().decode(Value.self, from: Data(bytes))
            guard case .object = value else { throw FileError(path: path, reason: "is no JSON object") }
            root = value
        } catch is DecodingError {
            throw FileError(path: path, reason: "is no JSON object")
        }
    }

    private indirect enum Value: Decodable, Sendable {
        case text(String)
        case number(Double)
        case object([String: Value])
        case list([Value])
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if (try? container.decode(Bool.self)) != nil {
                self = .other
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let object = try? container.decode([String: Value].self) {
                self = .object(object)
            } else if let list = try? container.decode([Value].self) {
                self = .list(list)
            } else {
                self = .other
            }
        }

        func find<Found>(_ key: String, depth: Int, _ match: (Value) -> Found?) -> Found? {
            guard depth < 8, case .object(let entries) = self else { return nil }
            if let value = entries[key], let found = match(value) { return found }
            for (_, value) in entries.sorted(by: { $0.key < $1.key }) {
                if let found = value.find(key, depth: depth + 1, match) { return found }
            }
            return nil
        }
    }

    /// A text entry, nil where there is none.
    func text(_ key: String) -> String? {
        root?.find(key, depth: 0) { if case .text(let text) = $0 { text } else { nil } }
    }

    /// A number entry, nil where there is none.
    func number(_ key: String) -> Double? {
        root?.find(key, depth: 0) { if case .number(let number) = $0, number.isFinite { number } else { nil } }
    }
}
