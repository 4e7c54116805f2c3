import Files
import KernelInterface

/// An array of a NumPy file (.npy), in row-major order: the last index runs fastest.
///
/// The file format is that of numpy.lib.format: magic, version, header length, a Python dictionary as text, data. An empty
/// shape is one number.
public struct NumPyArray: Hashable, Sendable {
    public let shape: [Int]
    public let values: [Float]

    /// The most extents that a shape may have; NumPy itself had this limit for long.
    static let maximumRank = 32

    /// - Throws: `NumPyArrayError` when an extent is below 1, the product of `shape` is not `values.count`, or there are more
    ///   than 32 extents.
    public init(shape: [Int], values: [Float]) throws {
        guard let count = Self.count(of: shape), count == values.count else {
            throw NumPyArrayError(shape: shape, count: values.count)
        }
        self.shape = shape
        self.values = values
    }

    /// An RGB image as (3, height, width), a grey one as (height, width).
    public init(_ image: Image) {
        let shape = image.shape
        self.shape = shape.channels == 1 ? [shape.height, shape.width] : [shape.channels, shape.height, shape.width]
        values = image.pixels
    }

    /// The product of `shape`, nil when an extent is below 1, the product overflows or there are too many extents.
    static func count(of shape: [Int]) -> Int? {
        guard shape.count <= maximumRank else { return nil }
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard extent > 0, !overflow else { return nil }
            count = product
        }
        return count
    }

    /// Reads float32 (`<f4`), float64 (`<f8`, rounded to float32) or boolean (`|b1`, 0 or 1) in C order.
    ///
    /// Integers are refused: whether 1 means white or 1/255 cannot be told.
    ///
    /// - Throws: `FileError` when the file is not such an array, has fewer or more data than its shape says, or holds a
    ///   value that is not finite; the message has the index of the first one.
    public static func read(_ path: String) throws -> NumPyArray {
        try decode(FileBytes.read(path), path: path)
    }

    /// Writes float32 in C order, header version 1.0, atomically (`AtomicFile`).
    ///
    /// - Throws: `FileError` when the file cannot be written or a value is not finite.
    public func write(to path: String) throws {
        try AtomicFile.write(encoded(path: path), to: path)
    }

    /// `path` is only for the message of an error.
    package static func decode(_ bytes: [UInt8], path: String) throws -> NumPyArray {
        let header = try NumPyHeader(bytes, path: path)
        guard let count = count(of: header.shape) else {
            throw FileError(path: path, reason: "shape \(header.shape) has no elements or too many")
        }
        let data = bytes.count - header.dataOffset
        let (expected, overflow) = count.multipliedReportingOverflow(by: header.element.size)
        guard !overflow, data == expected else {
            throw FileError(
                path: path,
                reason: "\(data) bytes of data, but shape \(header.shape) of '\(header.element.rawValue)' "
                    + "needs \(overflow ? "far more" : "\(expected)")")
        }
        let values = bytes.withUnsafeBytes { raw in
            let data = UnsafeRawBufferPointer(rebasing: raw[header.dataOffset...])
            return switch header.element {
            case .float32:
                (0 ..< count).map { Float(bitPattern: loadLittleEndian(data, at: $0)) }
            case .float64:
                (0 ..< count).map { Float(Double(bitPattern: loadLittleEndian(data, at: $0))) }
            case .boolean:
                (0 ..< count).map { data[$0] == 0 ? Float(0) : 1 }
            }
        }
        try requireFinite(values, path: path)
        return try NumPyArray(shape: header.shape, values: values)
    }

    package func encoded(path: String) throws -> [UInt8] {
        try requireFinite(values, path: path)
        var bytes = NumPyHeader.encoded(shape: shape)
        bytes.reserveCapacity(bytes.count + 4 * values.count)
        for value in values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    private static func loadLittleEndian<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ data: UnsafeRawBufferPointer, at index: Int
    ) -> Bits {
        Bits(littleEndian: data.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
    }
}

extension Image {
    /// An array of shape (3, H, W), (1, H, W) or (H, W) as an image.
    ///
    /// - Throws: `FileError` that names `path`, the file of the array, for any other shape.
    public init(_ array: NumPyArray, path: String) throws {
        let extents = array.shape.count == 2 ? [1] + array.shape : array.shape
        guard extents.count == 3, extents[0] == 1 || extents[0] == 3 else {
            let hint = extents.count == 3 && extents[2] == 3 ? "; channels come first" : ""
            throw FileError(
                path: path, reason: "shape \(array.shape) is not an image: (3, H, W), (1, H, W) or (H, W) is\(hint)")
        }
        let shape = ImageShape(channels: extents[0], height: extents[1], width: extents[2])
        do {
            try self.init(shape: shape, pixels: array.values)
        } catch let error as ImageError {
            throw FileError(path: path, reason: "\(error)")
        }
    }
}

/// An array whose shape and number of values do not fit together.
public struct NumPyArrayError: Error, Hashable, CustomStringConvertible {
    public let shape: [Int]
    public let count: Int

    public var description: String { "an array of shape \(shape) cannot hold \(count) values" }
}
