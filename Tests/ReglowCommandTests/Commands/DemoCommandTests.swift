import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow demo`.
@Suite struct DemoCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func demo() throws {
        try folder.writePicture("u.png", height: 24, width: 24)
        let ending = try Command.succeed(
            "demo", "u.png", "--prior", "tiny.safetensors", "--max-evaluations", "3", "--output", "d/e", in: folder)
        #expect(ending.output.contains("d/e/demo.png"))
        #expect(try folder.contents("d/e").count == 22)
        #expect(try folder.image("d/e/demo.png").shape.width > 4 * 24)
    }

    @Test(arguments: [("photos", 256), ("faces", 64)]) func theDemoShowsWhatThePriorKnows(name: String, side: Int) throws {
        try FileManager.default.copyItem(
            atPath: folder.file("tiny.safetensors"), toPath: folder.file("\(name).safetensors"))
        _ = try Command.succeed(
            "demo", "--prior", "./\(name).safetensors", "--problem", "deblur", "--max-evaluations", "1", "--output", "d", in: folder)
        #expect(try folder.image("d/truth.png").shape.width == side)
    }
}
