import Files
import FoundationEssentials
import KernelInterface

/// How numbers stand in a file.
package enum WeightStorage: String, CaseIterable, Sendable {
    case fp32
    /// 11 bits of significand; magnitudes up to 65504.
    case fp16
    /// 8 bits of significand.
    case bf16

    /// The nearest number that can be stored, ties to even; infinite where the magnitude is too large.
    package func rounded(_ value: Float) -> Float {
        switch self {
        case .fp32: value
        case .fp16: Float(Float16(value))
        case .bf16: BrainFloat.value(BrainFloat.bits(value))
        }
    }
}

/// Floats that belong to somebody else.
package struct BorrowedFloats: @unchecked Sendable {
    fileprivate let base: UnsafePointer<Float>
    fileprivate let count: Int

    package init(_ base: UnsafePointer<Float>, count: Int) { (self.base, self.count) = (base, count) }
}

/// A tensor to be written: row-major values and their shape.
package struct SafetensorsTensor: Sendable {
    package enum Values: Sendable {
        case float32([Float])
        case float64([Double])
        /// Floats at an address, which must stay there until they are written.
        case borrowed(BorrowedFloats)
        /// F16 or BF16, by their bits.
        case bits16([UInt16], SafetensorsElement)
    }

    package let name: String
    package let shape: [Int]
    package let values: Values

    package init(_ name: String, shape: [Int], _ values: [Float]) {
        (self.name, self.shape, self.values) = (name, shape, .float32(values))
    }

    package init(_ name: String, shape: [Int], _ values: [Double]) {
        (self.name, self.shape, self.values) = (name, shape, .float64(values))
    }

    package init(_ name: String, borrowing values: BorrowedFloats) {
        (self.name, shape, self.values) = (name, [values.count], .borrowed(values))
    }

    /// Rounds to the nearest number that `storage` can hold, ties to even.
    package init(_ name: String, shape: [Int], _ values: [Float], stored storage: WeightStorage) {
        (self.name, self.shape) = (name, shape)
        self.values =
            switch storage {
            case .fp32: .float32(values)
            case .fp16: .bits16(values.map { Float16($0).bitPattern }, .float16)
            case .bf16: .bits16(values.map(BrainFloat.bits), .bfloat16)
            }
    }

    fileprivate var count: Int {
        switch values {
        case .float32(let values): values.count
        case .borrowed(let values): values.count
        case .float64(let values): values.count
        case .bits16(let values, _): values.count
        }
    }

    fileprivate var element: SafetensorsElement {
        switch values {
        case .float32, .borrowed: .float32
        case .float64: .float64
        case .bits16(_, let element): element
        }
    }

    /// Elements of the shape, `nil` where the product overflows or an extent is negative.
    fileprivate var shapeCount: Int? {
        shape.reduce(1) { count, extent in
            guard let count, extent >= 0 else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            return overflow ? nil : product
        }
    }
}

extension SafetensorsFile {
    /// Writes the tensors. A file at `path` is replaced only when the new one is complete.
    ///
    /// The data begins at a multiple of 8 bytes and wider elements come first, so that every value is aligned; otherwise the
    /// order is that of the argument.
    ///
    /// - Throws: `ModelFileError` when a shape does not fit its values, or a name stands twice or is `__metadata__`; `FileError`
    ///   when the file cannot be written.
    package static func write(
        tensors: [SafetensorsTensor], metadata: [String: String], to path: String, _ durability: AtomicFile.Durability? = nil
    ) throws {
        let ordered = tensors.sorted { $0.element.bytes > $1.element.bytes }
        var document = SafetensorsDocument(metadata: metadata.isEmpty ? nil : metadata, tensors: [:])
        var offset = 0
        for tensor in ordered {
            func fault(_ text: String) -> ModelFileError { ModelFileError(path: path, .tensor(name: tensor.name), text) }
            guard tensor.shapeCount == tensor.count else {
                throw fault("has \(tensor.count) values, which is not shape \(ModelFileError.written(tensor.shape))")
            }
            guard tensor.name != SafetensorsDocument.metadataKey else { throw fault("the format reserves this name") }
            let end = offset + tensor.count * tensor.element.bytes
            let former = document.tensors.updateValue(
                .init(dtype: tensor.element.rawValue, shape: tensor.shape, offsets: [offset, end]), forKey: tensor.name)
            guard former == nil else { throw fault("is given twice") }
            offset = end
        }

        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var header = try encoder.encode(document)
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        guard header.count <= SafetensorsHeader.maximumLength else {
            throw ModelFileError(
                path: path, .header, "would have \(header.count) bytes, over the limit of \(SafetensorsHeader.maximumLength)")
        }

        try AtomicFile.replace(path, durability) { file in
            try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.append($0) }
            try header.withUnsafeBytes { try file.append($0) }
            for tensor in ordered {
                switch tensor.values {
                case .float32(let values): try values.withUnsafeBytes { try file.append($0) }
                case .borrowed(let values):
                    try file.append(UnsafeRawBufferPointer(UnsafeBufferPointer(start: values.base, count: values.count)))
                case .float64(let values): try values.withUnsafeBytes { try file.append($0) }
                case .bits16(let values, _): try values.withUnsafeBytes { try file.append($0) }
                }
            }
        }
    }
}
