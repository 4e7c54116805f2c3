import Files
import KernelInterface

/// An array of a NumPy file (.npy), in row-major order: the last index runs fastest.
///
/// The file format is that of numpy.lib.format: magic, version, header length, a Python dictionary as text, data. An empty
/// shape is one number.
package struct NumPyArray: Hashable, Sendable {
    package let shape: [Int]
    package let values: [Float]

    /// The most extents that a shape may have; NumPy itself had this limit for long.
    static let maximumRank = 32

    /// - Throws: `NumPyArrayError` when an extent is below 1, the product of `shape` is not `values.count`, or there are more
    ///   than 32 extents.
    package init(shape: [Int], values: [Float]) throws {
        guard let count = Self.count(of: shape), count == values.count else {
            throw NumPyArrayError(shape: shape, count: values.count)
        }
        self.shape = shape
        self.values = values
    }

    /// An RGB image as (3, height, width), a grey one as (height, width).
    package init(_ image: Image) {
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

    /// Reads floats of 16, 32 and 64 bits, integers and booleans, in either byte order, in C or Fortran order.
    ///
    /// Numbers are given as stored, rounded to float32, booleans as 0 or 1; where integers mean an image, `ImageFile.read` divides them
    /// by what is white.
    ///
    /// - Throws: `FileError` when the file is not such an array, has fewer or more data than its shape says, or holds a
    ///   value that is not finite; the message has the index of the first one.
    package static func read(_ path: String) throws -> NumPyArray {
        try decode(FileBytes.read(path), path: path)
    }

    /// Reads such an array from standard input.
    package static func readStandardInput() throws -> NumPyArray {
        try decode(FileBytes.readStandardInput(), path: FileBytes.standardInput)
    }

    /// Writes float32 in C order, header version 1.0, atomically (`AtomicFile`).
    ///
    /// - Throws: `FileError` when the file cannot be written or a value is not finite.
    package func write(to path: String) throws {
        try AtomicFile.write(encoded(path: path), to: path)
    }

    /// `path` is only for the message of an error.
    package static func decode(_ bytes: [UInt8], path: String) throws -> NumPyArray {
        let header = try NumPyHeader(bytes, path: path)
        return try NumPyArray(header, bytes, white: 1, path: path)
    }

    /// The elements of a file, divided by `white`.
    ///
    /// - Throws: as `read`.
    init(_ header: NumPyHeader, _ bytes: [UInt8], white: Double, path: String) throws {
        let element = header.element
        guard let count = Self.count(of: header.shape) else {
            throw FileError(path: path, reason: "shape \(header.shape) has no elements or too many")
        }
        let data = bytes.count - header.dataOffset
        let (expected, overflow) = count.multipliedReportingOverflow(by: element.size)
        guard !overflow, data == expected else {
            throw FileError(
                path: path,
                reason: "\(data) bytes of data, but shape \(header.shape) of '\(element.code)' "
                    + "needs \(overflow ? "far more" : "\(expected)")")
        }
        try MemoryProbe.require(count * MemoryLayout<Float>.size * (header.isFortranOrder ? 2 : 1), for: path)
        let values = bytes.withUnsafeBytes { raw in
            let data = UnsafeRawBufferPointer(rebasing: raw[header.dataOffset...])
            return Self.values(data, element, count: count, white: white)
        }
        try requireFinite(values, path: path)
        self.shape = header.shape
        self.values = header.isFortranOrder ? Self.rowMajor(values, shape: header.shape) : values
    }

    private static func values(_ data: UnsafeRawBufferPointer, _ element: NumPyElement, count: Int, white: Double) -> [Float] {
        if element.kind == .float, element.size == 4, !element.isBigEndian, white == 1 {
            return (0 ..< count).map {
                Float(bitPattern: UInt32(littleEndian: data.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
        return (0 ..< count).map { index in
            var bits: UInt64 = 0
            for byte in 0 ..< element.size {
                bits = bits << 8 | UInt64(data[index * element.size + (element.isBigEndian ? byte : element.size - 1 - byte)])
            }
            let value = element.value(bits)
            // Integers are divided in single precision, as the samples of an image file are.
            return element.kind == .float ? Float(value / white) : Float(value) / Float(white)
        }
    }

    /// Elements of which the first index runs fastest, in the order in which the last one does.
    private static func rowMajor(_ values: [Float], shape: [Int]) -> [Float] {
        var strides: [Int] = []
        var step = 1
        for extent in shape {
            strides.append(step)
            step *= extent
        }
        var index = [Int](repeating: 0, count: shape.count)
        var place = 0
        return (0 ..< values.count).map { _ in
            let value = values[place]
            for axis in shape.indices.reversed() {
                index[axis] += 1
                place += strides[axis]
                if index[axis] < shape[axis] { break }
                place -= index[axis] * strides[axis]
                index[axis] = 0
            }
            return value
        }
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
}

/// An array whose shape and number of values do not fit together.
package struct NumPyArrayError: ReglowError, Hashable {
    package let shape: [Int]
    package let count: Int

    package var category: ReglowErrorCategory { .problem }

    package var description: String { "an array of shape \(shape) cannot hold \(count) values" }
}
