import Files

/// The part of a NumPy file before its data: element type, order and shape.
///
///     bytes 0-5   0x93 "NUMPY"
///     6, 7        version: 1.0, 2.0 or 3.0
///     8...        length of the text, little-endian: 2 bytes in version 1, 4 bytes after it
///     text        {'descr': '<f4', 'fortran_order': False, 'shape': (3, 64, 64), }, spaces and a line feed
///
/// The keys may come in any order, each once. The file can be hostile: nothing is believed before it is checked.
struct NumPyHeader {
    static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

    let element: NumPyElement
    let isFortranOrder: Bool
    let shape: [Int]
    /// Says where the data starts in the file.
    let dataOffset: Int

    /// - Throws: `FileError` for `path` when the header is damaged or the type is not one that is read.
    init(_ bytes: [UInt8], path: String) throws {
        func refuse(_ reason: String) -> FileError { FileError(path: path, reason: reason) }

        guard bytes.starts(with: Self.signature), bytes.count >= 8 else { throw refuse("is not a NumPy file") }
        guard (1 ... 3).contains(bytes[6]), bytes[7] == 0 else {
            throw refuse("NumPy format version \(bytes[6]).\(bytes[7]) is not supported")
        }
        let textOffset = bytes[6] == 1 ? 10 : 12
        guard bytes.count >= textOffset else { throw refuse("the NumPy header ends too early") }
        let length = bytes[8 ..< textOffset].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - textOffset else {
            throw refuse("the NumPy header should have \(length) bytes, but the file ends before")
        }
        dataOffset = textOffset + length

        var text = PythonLiteral(bytes[textOffset ..< dataOffset])
        guard let fields = text.headerFields() else { throw refuse("the NumPy header is damaged or describes records") }
        guard let element = NumPyElement(code: fields.type) else { throw refuse(NumPyElement.refusal(of: fields.type)) }
        self.element = element
        isFortranOrder = fields.isFortranOrder
        shape = fields.shape
    }

    /// A version 1.0 header of float32 in C order, padded so that the data starts at a multiple of 64.
    static func encoded(shape: [Int]) -> [UInt8] {
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
        let used = signature.count + 4 + text.utf8.count + 1
        text += String(repeating: " ", count: (64 - used % 64) % 64) + "\n"
        let length = UInt16(truncatingIfNeeded: text.utf8.count)
        return signature + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
    }
}
