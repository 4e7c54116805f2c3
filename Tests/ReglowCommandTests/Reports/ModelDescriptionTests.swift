import Foundation
import Reglow
import TestSupport
import Testing

/// What `reglow info` says of a model.
@Suite struct ModelDescriptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

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
