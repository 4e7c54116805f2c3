import GlowModel

/// A tensor of a state dict that is written.
struct StateTensor: Sendable {
    enum Values: Sendable {
        case float32([Float])
        case float64([Double])
        case uint8([UInt8])
    }

    let name: String
    let shape: [Int]
    let values: Values

    init(_ name: String, _ shape: [Int], _ values: [Float]) { (self.name, self.shape, self.values) = (name, shape, .float32(values)) }
    init(_ name: String, _ shape: [Int], _ values: [Double]) { (self.name, self.shape, self.values) = (name, shape, .float64(values)) }
    init(_ name: String, _ shape: [Int], _ values: [UInt8]) { (self.name, self.shape, self.values) = (name, shape, .uint8(values)) }

    var count: Int {
        switch values {
        case .float32(let values): values.count
        case .float64(let values): values.count
        case .uint8(let values): values.count
        }
    }

    /// PyTorch's name for a storage of such numbers.
    var storageType: String {
        switch values {
        case .float32: "FloatStorage"
        case .float64: "DoubleStorage"
        case .uint8: "ByteStorage"
        }
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch values {
        case .float32(let values): try values.withUnsafeBytes(body)
        case .float64(let values): try values.withUnsafeBytes(body)
        case .uint8(let values): try values.withUnsafeBytes(body)
        }
    }

    /// The same for a safetensors file, flags as floats: PyTorch converts what it loads.
    var safetensor: SafetensorsTensor {
        switch values {
        case .float32(let values): SafetensorsTensor(name, shape: shape, values)
        case .float64(let values): SafetensorsTensor(name, shape: shape, values)
        case .uint8(let values): SafetensorsTensor(name, shape: shape, values.map { Float($0) })
        }
    }
}
