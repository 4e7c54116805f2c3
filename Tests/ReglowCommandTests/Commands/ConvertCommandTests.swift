import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow convert`.
@Suite struct ConvertCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    private func convert(_ model: String, _ networks: String, _ output: String) throws -> Command.Ending {
        try Command.run(["convert", model, "--networks", networks, "--output", output, "--json", "-"], in: folder)
    }

    /// What is stored is read: converting again, to the same form or to a wider one, changes no number.
    @Test(arguments: ["fp16", "bf16"]) func whatIsStoredIsReadExactly(networks: String) throws {
        let ending = try convert("tiny.safetensors", networks, "small.safetensors")
        #expect(ending.status == 0, "\(ending.messages)")
        let report = try ending.json()
        let sizes = try ["input_bytes", "output_bytes"].map { try #require(report[$0] as? Int) }
        #expect(sizes == [try folder.bytes("tiny.safetensors").count, try folder.bytes("small.safetensors").count])
        #expect(sizes[1] < sizes[0])
        for again in [networks, "fp32"] {
            #expect(try convert("small.safetensors", again, "\(again).safetensors").status == 0)
        }
        let same = try folder.bytes("small.safetensors") == folder.bytes("\(networks).safetensors")
        #expect(same)
        let models = try ["tiny", "small", "fp32"].map { try ModelFile(path: folder.file("\($0).safetensors")) }
        let steps = try models.map { try $0.step(level: 1, index: 1) }
        #expect(steps[0].mixing.elements == steps[1].mixing.elements && steps[0].net1Bias == steps[1].net1Bias)
        #expect(steps[0].net1Weight != steps[1].net1Weight && steps[1].net1Weight == steps[2].net1Weight)
        #expect(models[0].card.entries == models[2].card.entries)
    }

    /// Samples of the two files differ by roundings.
    @Test func aSmallModelDrawsTheSameImages() throws {
        #expect(try convert("tiny.safetensors", "fp16", "small.safetensors").status == 0)
        let images = try ["tiny", "small"].map { name in
            let flow = try Glow(path: folder.file("\(name).safetensors"))
            return try flow.sample(
                count: 1, size: Problem.ImageSize(height: 8, width: 8), temperature: 0.7, seed: 1, parallelism: Parallelism(threads: 1))[0]
        }
        let gap = zip(images[0].pixels, images[1].pixels).map { abs($0 - $1) }.max() ?? 1
        #expect(gap > 0 && gap < 0.01)
    }

    @Test func badInputIsOneError() throws {
        func fails(_ status: Int32, _ words: [String], _ arguments: [String]) throws {
            try Command.fail(status, naming: words, arguments: ["convert"] + arguments, in: folder)
        }
        try folder.file("short.safetensors", holding: Array(folder.bytes("tiny.safetensors").dropLast(9)))
        try fails(1, ["short.safetensors"], ["short.safetensors", "--networks", "fp16", "--output", "o.safetensors"])
        try fails(1, ["lost"], ["lost", "--networks", "fp16", "--output", "o.safetensors"])
        try fails(1, ["no/o.safetensors"], ["tiny.safetensors", "--networks", "fp16", "--output", "no/o.safetensors"])
        try fails(64, ["--networks"], ["tiny.safetensors", "--networks", "fp8", "--output", "o.safetensors"])
        try fails(64, ["--output", ".safetensors"], ["tiny.safetensors", "--networks", "fp16", "--output", "o.png"])
        try fails(64, ["--output", "input"], ["tiny.safetensors", "--networks", "fp16", "--output", "./tiny.safetensors"])
        #expect(try folder.contents() == ["short.safetensors", "tiny.safetensors"])
    }
}
