import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow export`.
@Suite struct ExportCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    /// Out and in again: the same model, so that the same latents give the same images.
    @Test(arguments: ["pt", "safetensors"]) func whatIsExportedCanBeImported(ending: String) throws {
        let exported = try Command.succeed(
            "export", "tiny.safetensors", "--to", "rosinality", "--output", "s.\(ending)", "--json", "report.json", in: folder)
        #expect(exported.output.contains("Glow(3, 2, 2"), "\(exported.output)")
        #expect(try folder.json("report.json")["hidden"] as? Int == 512)
        let imported = try Command.succeed("import", "s.\(ending)", "--output", "again.safetensors", in: folder)
        #expect(imported.output.contains("reglow-glow/1"), "\(imported.output)")
        let images = try ["tiny", "again"].map { name in
            try Glow(path: folder.file("\(name).safetensors")).sample(
                count: 1, size: Problem.ImageSize(height: 8, width: 8), temperature: 0.7, seed: 1, parallelism: Parallelism(threads: 1))[0]
        }
        #expect(zip(images[0].pixels, images[1].pixels).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func badInputIsOneError() throws {
        func fails(_ status: Int32, _ words: [String], _ arguments: [String]) throws {
            try Command.fail(status, naming: words, arguments: ["export"] + arguments, in: folder)
        }
        try fails(64, ["--to"], ["tiny.safetensors", "--to", "glowip", "--output", "s.pt"])
        try fails(64, ["--output", ".pt"], ["tiny.safetensors", "--to", "rosinality", "--output", "s.bin"])
        try fails(64, ["--hidden"], ["tiny.safetensors", "--to", "rosinality", "--output", "s.pt", "--hidden", "0"])
        try fails(1, ["hidden channels"], ["tiny.safetensors", "--to", "rosinality", "--output", "s.pt", "--hidden", "2"])
        try fails(1, ["lost"], ["lost", "--to", "rosinality", "--output", "s.pt"])
        #expect(try folder.contents() == ["tiny.safetensors"])
    }
}
