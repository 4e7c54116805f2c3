import Foundation
import Reglow
import TestSupport
import Testing

/// What `reglow info` says of a model.
@Suite struct ModelDescriptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    /// A model that needs version 2 says so, and what of it.
    @Test func whatAModelOfVersion2Has() throws {
        let variant = GlowVariant(
            affineOrder: .scaleFirst, split: .second, stepTensors: [[[.scaleOffset]], [[.net2Border]]],
            priors: [.map(height: 4, width: 6), .map(height: 2, width: 3)])
        let architecture = try GlowArchitecture(levels: 2, steps: 1, hidden: 2, coupling: .affine, variant: variant)
        try ModelFile.write(RandomGlow(architecture: architecture, seed: 1), to: folder.file("other.safetensors"))
        let output = try Command.succeed("info", "other.safetensors", in: folder).output
        #expect(output.contains("reglow-glow/2: affine_order scale-first, split second, scale_offset, net.2.border, prior.map"))
        #expect(output.contains("canvas of 8x12 pixels only"))
        #expect(try !Command.succeed("info", "tiny.safetensors", in: folder).output.contains("reglow-glow/"))

        // It samples at its size, restores what is smaller, and refuses what is larger.
        try Command.succeed("sample", "--prior", "other.safetensors", "--count", "1", "--output", "s", in: folder)
        #expect(try folder.image("s/sample-000.png").shape == ImageShape(channels: 3, height: 8, width: 12))
        let refused = try Command.run(["sample", "--prior", "other.safetensors", "--size", "8x8", "--output", "t"], in: folder)
        #expect(refused.status == 1 && refused.messages.contains("8x12 pixels only"))
        let trained = try Command.run(["train", ".", "--from", "other.safetensors", "--output", "more.safetensors"], in: folder)
        #expect(trained.status != 0 && trained.messages.contains("cannot be trained") && trained.messages.contains("prior.map"))
    }

    @Test func controlCharactersOfACardAreEscaped() throws {
        let architecture = try GlowArchitecture(levels: 1, steps: 1, hidden: 2)
        var parameters = try GlowParameters.random(architecture: architecture, seed: 1)
        parameters.card = ModelCard(["license": "free\u{1B}[31m\nforged: line"])
        try ModelFile.write(parameters, to: folder.file("odd.safetensors"))
        let output = try Command.succeed("info", "odd.safetensors", in: folder).output
        #expect(output.contains("free\\u{1b}[31m\\u{a}forged: line"))
        #expect(!output.contains("\u{1B}"))
    }
}
