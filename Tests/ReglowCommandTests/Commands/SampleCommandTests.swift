import Reglow
import TestSupport
import Testing

/// `reglow sample`.
@Suite struct SampleCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func sampleSheetAndFolder() throws {
        try Command.succeed(
            "sample", "--prior", "tiny.safetensors", "--count", "3", "--size", "8x12", "--output", "sheet.png", in: folder)
        try Command.succeed(
            "sample", "--prior", "tiny.safetensors", "--count", "2", "--size", "8x12", "--seed", "4", "--output", "s", in: folder)
        #expect(try folder.contents("s") == ["sample-000.png", "sample-001.png"])
        #expect(try folder.image("s/sample-000.png").shape == ImageShape(channels: 3, height: 8, width: 12))
        #expect(try folder.bytes("s/sample-000.png") != folder.bytes("s/sample-001.png"))
        try Command.succeed(
            "sample", "--prior", "tiny.safetensors", "--count", "1", "--size", "8x12", "--seed", "4", "--output", "again",
            in: folder)
        #expect(try folder.bytes("again/sample-000.png") == folder.bytes("s/sample-000.png"))
    }
}
