import Foundation
import GlowModel
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["F16", "BF16"])
    func everyHalfPrecisionValueIsWidenedExactly(dtype: String) throws {
        let (exponentBits, fractionBits) = dtype == "F16" ? (5, 10) : (8, 7)
        let finite = (UInt16.min ... UInt16.max).filter { pattern in
            Int(pattern) >> fractionBits & (1 << exponentBits - 1) != 1 << exponentBits - 1
        }
        let header = #"{"t": {"dtype": "\#(dtype)", "shape": [\#(finite.count)], "data_offsets": [0, \#(2 * finite.count)]}}"#
        let data = finite.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let values = try SafetensorsFile(path: folder.safetensors(header: header, data: data))
            .float32("t", shape: [finite.count])

        for (pattern, value) in zip(finite, values) {
            let exponent = Int(pattern) >> fractionBits & (1 << exponentBits - 1)
            let fraction = Int(pattern) & (1 << fractionBits - 1)
            let bias = 1 << (exponentBits - 1) - 1
            let significand = exponent == 0 ? fraction : fraction + 1 << fractionBits
            let magnitude = scalbn(Double(significand), max(exponent, 1) - bias - fractionBits)
            let expected = Float(pattern >> 15 == 1 ? -magnitude : magnitude)
            #expect(value.bitPattern == expected.bitPattern)
        }
    }

    @Test(arguments: [("F16", [0x00, 0x7C]), ("BF16", [0x80, 0xFF]), ("F32", [0, 0, 0xC0, 0x7F]), ("F32", [0, 0, 0x80, 0x7F])])
    func nonFiniteValuesAreNamed(dtype: String, bits: [UInt8]) throws {
        let header = #"{"t": {"dtype": "\#(dtype)", "shape": [2, 3], "data_offsets": [0, \#(6 * bits.count)]}}"#
        let data = [UInt8](repeating: 0, count: 5 * bits.count) + bits
        let file = try SafetensorsFile(path: folder.safetensors(header: header, data: data))
        expectFault("made.safetensors", "\"t\"", "(1, 2)", "finite") { _ = try file.float32("t", shape: [2, 3]) }
    }

    @Test func nonFiniteDoublesAreNamed() throws {
        let path = folder.file("double.safetensors")
        try SafetensorsFile.write(
            tensors: [SafetensorsTensor("d", shape: [3], [1, .nan, 2] as [Double])], metadata: [:], to: path)
        expectFault("\"d\"", "(1)", "nan") { _ = try SafetensorsFile(path: path).float64("d", shape: [3]) }
    }

    @Test func readsCheckNameShapeAndDtype() throws {
        let header = #"{"i":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"f":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        let file = try SafetensorsFile(path: folder.safetensors(header: header, data: [0, 0, 0, 0, 0, 0, 128, 63]))
        #expect(try file.float32("f", shape: [1]) == [1])
        expectFault("\"g\"", "missing") { _ = try file.float32("g", shape: [1]) }
        expectFault("\"f\"", "(1)", "(1, 1)") { _ = try file.float32("f", shape: [1, 1]) }
        expectFault("\"f\"", "F32", "F64") { _ = try file.float64("f", shape: [1]) }
        expectFault("\"i\"", "I32") { _ = try file.float32("i", shape: [1]) }
    }

    @Test func pathsThatAreNoFilesAreRefused() throws {
        let fifo = folder.file("fifo")
        #expect(mkfifo(fifo, 0o600) == 0)
        expectFault("nowhere", "cannot be opened") { _ = try SafetensorsFile(path: folder.file("nowhere")) }
        expectFault("directory") { _ = try SafetensorsFile(path: folder.path) }
        expectFault("fifo", "regular") { _ = try SafetensorsFile(path: fifo) }
        expectFault("regular") { _ = try SafetensorsFile(path: "/dev/zero") }
        expectFault("cannot be opened") { _ = try SafetensorsFile(path: "") }
        expectFault("empty") { _ = try SafetensorsFile(path: folder.file("empty", holding: [])) }
        expectFault("7 bytes") { _ = try SafetensorsFile(path: folder.file("seven", holding: [0, 0, 0, 0, 0, 0, 0])) }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read every file"))
    func unreadableFileIsRefused() throws {
        let path = try folder.file("secret", holding: [1])
        #expect(chmod(path, 0) == 0)
        expectFault("secret", "cannot be opened") { _ = try SafetensorsFile(path: path) }
    }
}
