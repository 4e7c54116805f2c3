import FoundationEssentials

/// An element type of the safetensors format. All are known, so that a file's layout can be checked; the reader takes the floats.
package enum SafetensorsElement: String {
    case float64 = "F64", float32 = "F32", float16 = "F16", bfloat16 = "BF16"
    case int64 = "I64", int32 = "I32", int16 = "I16", int8 = "I8"
    case uint64 = "U64", uint32 = "U32", uint16 = "U16", uint8 = "U8"
    case bool = "BOOL", float8e4m3 = "F8_E4M3", float8e5m2 = "F8_E5M2"

    package var bytes: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 1
        }
    }
}

/// Says where one tensor lies: row-major, `bytes` counted from the start of the file.
package struct SafetensorsEntry {
    package let element: SafetensorsElement
    package let shape: [Int]
    package let bytes: Range<Int>
}

/// The header of a safetensors file, checked.
///
///     file   = length: UInt64, little-endian | header: JSON of `length` bytes | data
///     header = {"__metadata__": {key: text}?, name: {"dtype", "shape", "data_offsets": [begin, end]} ...}
///
/// Offsets count from the start of the data, which the tensors cover without gap and without overlap.
/// Source: the format section of the safetensors README.
package struct SafetensorsHeader {
    package let metadata: [String: String]
    package let tensors: [String: SafetensorsEntry]

    /// Longest header taken. A model within the bounds of `GlowArchitecture` has at most 65,536 tensors of about 150 bytes each.
    static let maximumLength = 16 << 20

    /// - Throws: `ModelFileError`; when this returns, every entry lies inside the file and has the size of its shape.
    package init(of file: MappedFile) throws {
        func fault(_ place: ModelFileError.Place, _ text: String) -> ModelFileError {
            ModelFileError(path: file.path, place, text)
        }
        guard file.bytes.count >= 8 else {
            throw fault(.file, "has \(file.bytes.count) bytes, a safetensors file has at least 8")
        }
        let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.maximumLength) else {
            throw fault(.header, "length \(length) is over the limit of \(Self.maximumLength) bytes")
        }
        guard Int(length) <= file.bytes.count - 8 else {
            throw fault(
                .header, "length \(length) is over the \(file.bytes.count - 8) bytes that follow: truncated or no safetensors file")
        }
        let text = file.bytes[8 ..< 8 + Int(length)]
        // A zero byte would make the decoder take the text for UTF-16.
        guard text.first == UInt8(ascii: "{"), !text.contains(0), String(validating: text, as: UTF8.self) != nil else {
            throw fault(.header, "is not a JSON object in UTF-8")
        }
        do {
            let document = try SafetensorsDocument(json: Data(text))
            metadata = document.metadata ?? [:]
            tensors = try Self.layout(of: document.tensors, data: 8 + Int(length) ..< file.bytes.count)
        } catch let error as SafetensorsDocument.Fault {
            throw fault(error.place, error.text)
        }
    }

    /// Checks each entry by itself, then that all together cover `data` exactly once.
    private static func layout(
        of entries: [String: SafetensorsDocument.Entry], data: Range<Int>
    ) throws -> [String: SafetensorsEntry] {
        var tensors = [String: SafetensorsEntry]()
        for (name, entry) in entries {
            tensors[name] = try entry.placed(in: data, name: name)
        }
        let inFileOrder = tensors.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
                < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
        }
        var covered = data.lowerBound
        for (name, tensor) in inFileOrder {
            let begin = tensor.bytes.lowerBound
            guard begin >= covered else {
                throw SafetensorsDocument.Fault(.tensor(name: name), "overlaps another tensor")
            }
            guard begin == covered else {
                throw SafetensorsDocument.Fault(.tensor(name: name), "follows a gap of \(begin - covered) bytes")
            }
            covered = tensor.bytes.upperBound
        }
        guard covered == data.upperBound else {
            throw SafetensorsDocument.Fault(.file, "has \(data.upperBound - covered) bytes that belong to no tensor")
        }
        return tensors
    }
}
