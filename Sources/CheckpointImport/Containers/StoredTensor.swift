/// The type of the numbers of a tensor in a checkpoint.
package enum StoredElement: String {
    case float64 = "float64", float32 = "float32", float16 = "float16", bfloat16 = "bfloat16"
    case int64 = "int64", int32 = "int32", int16 = "int16", int8 = "int8", uint8 = "uint8", bool = "bool"

    var width: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// The number that stands at a byte; its bytes are there.
    func value(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Double {
        func load<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        switch self {
        case .float64: return Double(bitPattern: load(UInt64.self))
        case .float32: return Double(Float(bitPattern: load(UInt32.self)))
        case .float16: return Double(Float16(bitPattern: load(UInt16.self)))
        case .bfloat16: return Double(Float(bitPattern: UInt32(load(UInt16.self)) << 16))
        case .int64: return Double(load(Int64.self))
        case .int32: return Double(load(Int32.self))
        case .int16: return Double(load(Int16.self))
        case .int8: return Double(load(Int8.self))
        case .uint8, .bool: return Double(load(UInt8.self))
        }
    }
}

/// Where the numbers of a storage lie.
enum StorageBytes {
    /// As they are, in the file.
    case plain(Range<Int>)
    /// Deflated in the file: where, how many bytes it makes, and how many of those come before the numbers.
    case deflated(Range<Int>, size: Int, header: Int)
}

/// A tensor in a checkpoint: a view of a storage, by its strides, which are those of the file and need not be those of its order.
package struct StoredTensor {
    package let shape: [Int]
    /// In elements, for each axis.
    let strides: [Int]
    /// The first element.
    let offset: Int
    package let element: StoredElement
    let storage: StorageBytes

    /// Elements.
    let count: Int

    /// So that their bytes can be counted.
    private static let mostElements = 1 << 40

    /// - Parameter elements: how many the storage has, whose bytes are there. A tensor may have more, where a stride is 0: whoever reads it
    ///   bounds them.
    /// - Throws: `Fault` where an element would lie outside of the storage.
    init(shape: [Int], strides: [Int], offset: Int, element: StoredElement, storage: StorageBytes, elements: Int) throws {
        guard shape.count == strides.count, shape.count <= 8 else { throw Fault("has \(shape.count) sizes and \(strides.count) strides") }
        guard offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
            throw Fault("has a negative size, stride or offset")
        }
        var count = 1
        var last = offset
        for (size, stride) in zip(shape, strides) {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            let (reach, reachOverflow) = max(0, size - 1).multipliedReportingOverflow(by: stride)
            let (sum, sumOverflow) = last.addingReportingOverflow(reach)
            guard !overflow, !reachOverflow, !sumOverflow else { throw Fault("has a size that overflows") }
            (count, last) = (product, sum)
        }
        guard count == 0 || last < elements, count <= Self.mostElements else {
            throw Fault("reaches outside of its storage of \(elements) elements: shape \(Fault.written(shape))")
        }
        (self.shape, self.strides, self.offset, self.element, self.storage, self.count) = (shape, strides, offset, element, storage, count)
    }

    /// A tensor whose storage has its elements one after the other, in the order of its shape or, for Fortran, the reverse of it.
    init(shape: [Int], isFortran: Bool = false, element: StoredElement, storage: StorageBytes, elements: Int) throws {
        var strides = [Int](repeating: 1, count: shape.count)
        var next = 1
        for axis in isFortran ? Array(shape.indices) : shape.indices.reversed() {
            strides[axis] = next
            let (product, overflow) = next.multipliedReportingOverflow(by: max(1, shape[axis]))
            guard !overflow else { throw Fault("has a size that overflows") }
            next = product
        }
        try self.init(shape: shape, strides: strides, offset: 0, element: element, storage: storage, elements: elements)
    }

    /// Bytes that its elements take in their storage.
    var bytes: Int { count * element.width }

    /// All values, row-major.
    ///
    /// - Throws: `Fault` for a stream that cannot be inflated.
    func values(in file: UnsafeRawBufferPointer) throws -> [Double] {
        switch storage {
        case .plain(let range):
            return values(of: UnsafeRawBufferPointer(rebasing: file[range]))
        case .deflated(let range, let size, let header):
            let inflated = try Inflation.inflate(UnsafeRawBufferPointer(rebasing: file[range]), size: size)
            return inflated.withUnsafeBytes { values(of: UnsafeRawBufferPointer(rebasing: $0[header...])) }
        }
    }

    private func values(of bytes: UnsafeRawBufferPointer) -> [Double] {
        guard count > 0 else { return [] }
        return [Double](unsafeUninitializedCapacity: count) { values, initialized in
            var index = [Int](repeating: 0, count: shape.count)
            var place = offset
            for i in 0 ..< count {
                values.initializeElement(at: i, to: element.value(bytes, at: place * element.width))
                // The next index, as an odometer counts.
                var axis = shape.count - 1
                while axis >= 0 {
                    index[axis] += 1
                    place += strides[axis]
                    if index[axis] < shape[axis] { break }
                    place -= index[axis] * strides[axis]
                    index[axis] = 0
                    axis -= 1
                }
            }
            initialized = count
        }
    }
}
