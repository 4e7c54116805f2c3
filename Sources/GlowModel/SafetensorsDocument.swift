import FoundationEssentials

/// The JSON of a safetensors header, as it stands in the file: right in form, its numbers not yet checked.
struct SafetensorsDocument: Codable {
    /// Offsets count from the start of the data.
    struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape, offsets = "data_offsets"
        }
    }

    /// A `ModelFileError` that does not know its path yet.
    struct Fault: Error {
        let place: ModelFileError.Place
        let text: String

        init(_ place: ModelFileError.Place, _ text: String) {
            self.place = place
            self.text = text
        }
    }

    static let metadataKey = "__metadata__"

    var metadata: [String: String]?
    var tensors: [String: Entry]

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(metadata: [String: String]?, tensors: [String: Entry]) {
        self.metadata = metadata
        self.tensors = tensors
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        tensors = [:]
        for name in container.allKeys {
            if name.stringValue == Self.metadataKey {
                do {
                    metadata = try container.decode([String: String].self, forKey: name)
                } catch {
                    throw Fault(.header, "\(Self.metadataKey) is not a map of strings")
                }
            } else {
                do {
                    tensors[name.stringValue] = try container.decode(Entry.self, forKey: name)
                } catch DecodingError.keyNotFound(let key, _) {
                    throw Fault(.tensor(name: name.stringValue), "has no \(key.stringValue)")
                } catch {
                    throw Fault(
                        .tensor(name: name.stringValue), "dtype, shape or data_offsets is not what the format asks for")
                }
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        try container.encodeIfPresent(metadata, forKey: Name(stringValue: Self.metadataKey))
        for (name, entry) in tensors {
            try container.encode(entry, forKey: Name(stringValue: name))
        }
    }

    /// - Throws: `Fault` for text that is no JSON, for values of another kind, and for repeated or unknown keys.
    init(json: Data) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: json)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(.header, "is not a JSON object of tensors")
        }
        // A decoder keeps one of two equal keys and does not say which. A valid text has one colon outside of its strings for
        // each pair of key and value, so a pair too many shows in the count.
        let pairs = metadata.map { 1 + $0.count } ?? 0
        guard Self.countPairs(json) == pairs + 4 * tensors.count else {
            throw Fault(.header, "has a key twice, or one that the format does not know")
        }
    }

    private static func countPairs(_ json: Data) -> Int {
        var pairs = 0
        var inString = false
        var escaped = false
        for byte in json {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\"") {
                inString.toggle()
            } else if inString {
                escaped = byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: ":") {
                pairs += 1
            }
        }
        return pairs
    }
}

extension SafetensorsDocument.Entry {
    /// The entry with its place in the file, where `data` is the part after the header.
    ///
    /// - Throws: `Fault` for an unknown dtype, a shape that is negative or too large, and offsets that leave `data` or do not fit
    ///   the shape.
    func placed(in data: Range<Int>, name: String) throws -> SafetensorsEntry {
        func refuse(_ text: String) -> SafetensorsDocument.Fault { .init(.tensor(name: name), text) }

        guard let element = SafetensorsElement(rawValue: dtype) else {
            throw refuse("unknown dtype \(ModelFileError.quoted(dtype))")
        }
        guard shape.count <= 8 else { throw refuse("has \(shape.count) dimensions, at most 8 are taken") }
        var size = element.bytes
        for extent in shape {
            guard extent >= 0 else { throw refuse("shape \(ModelFileError.written(shape)) is negative") }
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw refuse("shape \(ModelFileError.written(shape)) is too large") }
            size = product
        }
        guard offsets.count == 2 else { throw refuse("data_offsets has \(offsets.count) numbers, must have 2") }
        let (begin, end) = (offsets[0], offsets[1])
        guard begin >= 0, begin <= end, end <= data.count else {
            throw refuse("data_offsets [\(begin), \(end)] leave the data, which has \(data.count) bytes")
        }
        guard end - begin == size else {
            throw refuse("has \(end - begin) bytes, shape \(ModelFileError.written(shape)) of \(dtype) has \(size)")
        }
        return SafetensorsEntry(element: element, shape: shape, bytes: data.lowerBound + begin ..< data.lowerBound + end)
    }
}
