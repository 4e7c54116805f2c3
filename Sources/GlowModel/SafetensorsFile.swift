/// A safetensors file, memory-mapped, its whole layout checked before any value is read.
///
/// Values are copied out on request, so nothing is assumed of their alignment in the file, and the pages they came from are
/// given back to the system.
package final class SafetensorsFile: Sendable {
    package let path: String
    package let metadata: [String: String]

    private let file: MappedFile
    private let tensors: [String: SafetensorsEntry]

    /// - Throws: `ModelFileError` for anything that is not a complete and consistent safetensors file.
    package init(path: String) throws {
        self.path = path
        file = try MappedFile(path: path)
        let header = try SafetensorsHeader(of: file)
        metadata = header.metadata
        tensors = header.tensors
    }

    /// Size of the file in bytes.
    package var bytes: Int { file.bytes.count }

    /// The names of all tensors in ascending order.
    package var tensorNames: [String] { tensors.keys.sorted() }

    /// - Throws: `ModelFileError` when there is no such tensor.
    package func shape(_ name: String) throws -> [Int] { try entry(name).shape }

    /// Checks that `float32(_:shape:)` would find the tensor, without reading its values.
    ///
    /// - Throws: `ModelFileError` when it is missing, has another shape, or is not F32, F16 or BF16.
    package func requireFloat32(_ name: String, shape: [Int]) throws {
        let entry = try entry(name, shape: shape)
        guard [.float32, .float16, .bfloat16].contains(entry.element) else {
            throw fault(name, "dtype \(entry.element.rawValue), expected F32, F16 or BF16")
        }
    }

    /// The values of an F32 tensor, or of an F16 or BF16 tensor widened exactly; row-major.
    ///
    /// - Parameter requiresFinite: whether all values must be finite.
    /// - Throws: `ModelFileError` as `requireFloat32` does, and for a value that is not finite.
    package func float32(_ name: String, shape: [Int], requiresFinite: Bool = true) throws -> [Float] {
        try requireFloat32(name, shape: shape)
        let entry = try entry(name)
        let values: [Float] =
            switch entry.element {
            case .float16: decodeHalves(entry)
            case .bfloat16: decode(entry) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
            default: decode(entry) { (bits: UInt32) in Float(bitPattern: bits) }
            }
        guard requiresFinite, !values.withUnsafeBufferPointer({ $0.isFinite }) else { return values }
        return try requireFinite(values, of: name, shape: shape)
    }

    /// The values of an F64 tensor; row-major.
    ///
    /// - Parameter requiresFinite: whether all values must be finite.
    /// - Throws: `ModelFileError` when it is missing, has another shape or dtype, or holds a value that is not finite.
    package func float64(_ name: String, shape: [Int], requiresFinite: Bool = true) throws -> [Double] {
        let entry = try entry(name, shape: shape)
        guard entry.element == .float64 else {
            throw fault(name, "dtype \(entry.element.rawValue), expected F64")
        }
        let values = decode(entry) { (bits: UInt64) in Double(bitPattern: bits) }
        return requiresFinite ? try requireFinite(values, of: name, shape: shape) : values
    }

    private func fault(_ name: String, _ text: String) -> ModelFileError {
        ModelFileError(path: path, .tensor(name: name), text)
    }

    private func entry(_ name: String) throws -> SafetensorsEntry {
        guard let entry = tensors[name] else { throw fault(name, "is missing") }
        return entry
    }

    private func entry(_ name: String, shape: [Int]) throws -> SafetensorsEntry {
        let entry = try entry(name)
        guard entry.shape == shape else {
            throw fault(name, "shape \(ModelFileError.written(entry.shape)), expected \(ModelFileError.written(shape))")
        }
        return entry
    }

    private func decode<Bits: FixedWidthInteger & BitwiseCopyable, Value>(
        _ entry: SafetensorsEntry, _ value: (Bits) -> Value
    ) -> [Value] {
        let source = UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes])
        let count = source.count / MemoryLayout<Bits>.size
        defer { file.evict(entry.bytes) }
        return [Value](unsafeUninitializedCapacity: count) { values, initialized in
            for i in 0 ..< count {
                let bits = source.loadUnaligned(fromByteOffset: i * MemoryLayout<Bits>.size, as: Bits.self)
                values.initializeElement(at: i, to: value(Bits(littleEndian: bits)))
            }
            initialized = count
        }
    }

    private func decodeHalves(_ entry: SafetensorsEntry) -> [Float] {
        let source = UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes])
        let count = source.count / MemoryLayout<UInt16>.size
        defer { file.evict(entry.bytes) }
        return [Float](unsafeUninitializedCapacity: count) { values, initialized in
            HalfFloat.widen(source, into: values)
            initialized = count
        }
    }

    private func requireFinite<Value: BinaryFloatingPoint>(
        _ values: [Value], of name: String, shape: [Int]
    ) throws -> [Value] {
        guard let offset = values.firstIndex(where: { !$0.isFinite }) else { return values }
        var index = [Int](repeating: 0, count: shape.count)
        var rest = offset
        for axis in shape.indices.reversed() {
            index[axis] = rest % shape[axis]
            rest /= shape[axis]
        }
        throw fault(name, "value at \(ModelFileError.written(index)) is \(values[offset]), must be finite")
    }
}
