import Files
import Foundation
import GlowModel
import TestSupport
import Testing

@Suite struct SafetensorsWriterTests {
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
}
