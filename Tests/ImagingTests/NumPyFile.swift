import Files
import Imaging
import Testing

/// NumPy files that are made of a header's text.
enum NumPyFile {
    static let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"

    /// A version 1.0 file with this header and `count` bytes of data, all zero.
    static func bytes(_ header: String, data count: Int = 24) -> [UInt8] {
        let length = header.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
            + [UInt8](repeating: 0, count: count)
    }

    /// Why a file of these bytes, which has the name x.npy, cannot be read.
    static func failure(_ bytes: [UInt8]) -> String {
        let error = #expect(throws: FileError.self) { try NumPyArray.decode(bytes, path: "x.npy") }
        return error?.description ?? ""
    }
}
