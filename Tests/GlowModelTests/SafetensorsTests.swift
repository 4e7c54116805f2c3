import Files
import Foundation
import GlowModel
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func writtenTensorsAreReadBack() throws {
        let path = folder.file("round.safetensors")
        let single: [Float] = [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1 / 3, -7]
        let double: [Double] = [.pi, -.leastNonzeroMagnitude, .greatestFiniteMagnitude]
        try SafetensorsFile.write(
            tensors: [
                SafetensorsTensor("a/\"b\"\\:", shape: [2, 3], single), SafetensorsTensor("empty", shape: [0, 4], [Float]()),
                SafetensorsTensor("scalar", shape: [], [Float(5)]), SafetensorsTensor("double", shape: [3], double),
            ],
            metadata: ["name": "colon: \"quoted\" \\ é"], to: path)

        let file = try SafetensorsFile(path: path)
        #expect(file.tensorNames == ["a/\"b\"\\:", "double", "empty", "scalar"])
        #expect(file.metadata == ["name": "colon: \"quoted\" \\ é"])
        #expect(try file.float32("a/\"b\"\\:", shape: [2, 3]).map(\.bitPattern) == single.map(\.bitPattern))
        #expect(try file.float64("double", shape: [3]) == double)
        #expect(try file.float32("empty", shape: [0, 4]).isEmpty)
        #expect(try file.float32("scalar", shape: []) == [5])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["round.safetensors"])
    }

    @Test func writerRefusesWhatItCouldNotReadBack() throws {
        let path = folder.file("refused.safetensors")
        func write(_ tensors: SafetensorsTensor..., to path: String) throws {
            try SafetensorsFile.write(tensors: tensors, metadata: [:], to: path)
        }
        let one = SafetensorsTensor("one", shape: [1], [Float(1)])
        expectFault("one", "twice") { try write(one, one, to: path) }
        expectFault("__metadata__") { try write(SafetensorsTensor("__metadata__", shape: [1], [Float(1)]), to: path) }
        expectFault("short", "(2)") { try write(SafetensorsTensor("short", shape: [2], [Float(1)]), to: path) }
        expectFault("long", "(\(Int.max), 4)") { try write(SafetensorsTensor("long", shape: [.max, 4], [Float(1)]), to: path) }
        #expect(throws: FileError.self) { try write(one, to: folder.file("no/such/folder")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func failedWriteLeavesTheOldFile() throws {
        let path = folder.file("kept")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(throws: FileError.self) {
            try SafetensorsFile.write(tensors: [], metadata: [:], to: path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kept"])
    }

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

    @Test(arguments: [(0, "JSON"), (3, "3 is over the 1 bytes"), (1 << 24 + 1, "limit"), (.max, "limit")] as [(UInt64, String)])
    func headerLengthIsChecked(length: UInt64, word: String) throws {
        let bytes = withUnsafeBytes(of: length.littleEndian) { [UInt8]($0) } + [UInt8(ascii: "{")]
        expectFault("header", word) {
            _ = try SafetensorsFile(path: folder.file("length", holding: bytes))
        }
    }

    @Test(arguments: [
        "x", "[]", "[{}]", "{", "{}}", "{} {}", "null", "\"{}\"", " {}", "{\"t\"}", "{\"t\": 1}", "{\"t\": []}", "{\"t\": null}",
        "{\0\"\0t\0\"\0:\0{\0}\0}\0", #"{"__metadata__": 1}"#, #"{"__metadata__": {"a": 1}}"#, #"{"__metadata__": null}"#,
        #"{"__metadata__": {"a": "1", "a": "2"}}"#, #"{"__metadata__": {}, "__metadata__": {}}"#,
        String(repeating: "{\"a\":", count: 100_000), "{\"a\":" + String(repeating: "[", count: 100_000),
    ])
    func headerMustBeAnObjectOfTensors(header: String) throws {
        expectFault("made.safetensors") { _ = try SafetensorsFile(path: folder.safetensors(header: header)) }
    }

    @Test func headerMustBeUTF8() throws {
        let bytes: [UInt8] = [14, 0, 0, 0, 0, 0, 0, 0] + [UInt8](#"{"__metadata_"#.utf8) + [0xFF]
        expectFault("UTF-8") { _ = try SafetensorsFile(path: folder.file("latin", holding: bytes)) }
    }

    /// Each header describes 16 bytes of data wrongly; the message names the tensor and the fault.
    @Test(arguments: [
        (#""t": {"shape": [4], "data_offsets": [0, 16]}"#, "dtype"),
        (#""t": {"dtype": "F32", "data_offsets": [0, 16]}"#, "shape"),
        (#""t": {"dtype": "F32", "shape": [4]}"#, "data_offsets"),
        (#""t": {"dtype": 1, "shape": [4], "data_offsets": [0, 16]}"#, "dtype"),
        (#""t": {"dtype": "F31", "shape": [4], "data_offsets": [0, 16]}"#, "F31"),
        (#""t": {"dtype": "F32", "shape": 4, "data_offsets": [0, 16]}"#, "shape"),
        (#""t": {"dtype": "F32", "shape": [true], "data_offsets": [0, 16]}"#, "shape"),
        (#""t": {"dtype": "F32", "shape": [4.5], "data_offsets": [0, 16]}"#, "shape"),
        (#""t": {"dtype": "F32", "shape": [1e400], "data_offsets": [0, 16]}"#, "shape"),
        (#""t": {"dtype": "F32", "shape": [18446744073709551620], "data_offsets": [0, 16]}"#, "shape"),
        (#""t": {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}"#, "negative"),
        (#""t": {"dtype": "F32", "shape": [-2, -2], "data_offsets": [0, 16]}"#, "negative"),
        (#""t": {"dtype": "F32", "shape": [4611686018427387905, 4], "data_offsets": [0, 16]}"#, "too large"),
        (#""t": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,4], "data_offsets": [0, 16]}"#, "9 dimensions"),
        (#""t": {"dtype": "F32", "shape": [5], "data_offsets": [0, 16]}"#, "20"),
        (#""t": {"dtype": "F32", "shape": [4], "data_offsets": [0]}"#, "1 numbers"),
        (#""t": {"dtype": "F32", "shape": [4], "data_offsets": [0, 8, 16]}"#, "3 numbers"),
        (#""t": {"dtype": "F32", "shape": [4], "data_offsets": [4, 20]}"#, "leave"),
        (#""t": {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}"#, "leave"),
        (#""t": {"dtype": "F32", "shape": [4], "data_offsets": [16, 0]}"#, "leave"),
        (#""t": {"dtype": "F32", "shape": [4], "data_offsets": [-9223372036854775808, 9223372036854775807]}"#, "leave"),
        (
            #""a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "t": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}"#,
            "gap of 4"
        ),
        (#""t": {"dtype": "F32", "shape": [3], "data_offsets": [4, 16]}"#, "gap of 4"),
        (
            #""a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}, "t": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}"#,
            "overlaps"
        ),
        (
            #""a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "t": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}"#,
            "overlaps"
        ),
    ])
    func layoutFaultsNameTheTensor(entries: String, word: String) throws {
        let path = try folder.safetensors(header: "{\(entries)}", data: [UInt8](repeating: 0, count: 16))
        expectFault(path, "tensor \"t\"", word) { _ = try SafetensorsFile(path: path) }
    }

    @Test(arguments: [
        (#"{"t": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}"#, "4 bytes"),
        ("{}", "16 bytes"),
        (#"{"t": {"dtype": "F32", "dtype": "I32", "shape": [4], "data_offsets": [0, 16]}}"#, "twice"),
        (
            #"{"t": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "t": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}"#,
            "twice"
        ),
        (#"{"t": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16], "more": {}}}"#, "does not know"),
    ])
    func wholeFileFaults(header: String, word: String) throws {
        expectFault(word) {
            _ = try SafetensorsFile(path: folder.safetensors(header: header, data: [UInt8](repeating: 0, count: 16)))
        }
    }

    @Test func controlCharactersNeverReachTheMessage() throws {
        let name = #"\u001b[31m\n"# + String(repeating: "x", count: 1000)
        let path = try folder.safetensors(header: "{\"\(name)\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}")
        let error = #expect(throws: ModelFileError.self) { try SafetensorsFile(path: path) }
        let message = try #require(error?.description)
        #expect(!message.contains("\u{1b}") && !message.contains("\n"))
        #expect(message.count < path.count + 200)
    }
}
