import Foundation
import TestSupport
import Testing

@Suite struct PathCompletionTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("y.png")
    }

    /// Completion offers files of the right kinds, and the words of an option.
    @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreGenerated(shell: String) throws {
        let ending = try Command.run(["--generate-completion-script", shell], in: folder)
        #expect(ending.status == 0)
        #expect(ending.output.contains("safetensors") && ending.output.contains("webp") && ending.output.contains("compressive"))
    }
}
