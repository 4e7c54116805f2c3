import Foundation
import GlowModel
import TestSupport
import Testing

@Suite struct SafetensorsHeaderTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

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
