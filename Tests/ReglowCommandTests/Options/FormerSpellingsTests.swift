import Foundation
import TestSupport
import Testing

@Suite struct FormerSpellingsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("y.png")
    }

    private static let restore = [
        "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--noise", "0.05", "--max-evaluations", "2",
    ]

    /// What scripts of version 0.1 say is understood.
    @Test func formerSpellingsAreUnderstood() throws {
        try folder.writePicture("s.png")
        let ending = try Command.run(
            [
                "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--weight=0.01", "--iterations", "2", "--init",
                "s.png",
                "--output", "x.png", "--json", "-",
            ], in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(ending.messages.contains("note: --weight is now --regularization-weight"))
        #expect(
            ending.messages.contains("note: --iterations is now --max-evaluations")
                && ending.messages.contains("note: --init is now --start"))
        #expect(try ending.json()["regularization_weight"] as? Double == 0.01)
        // A value is none.
        try Command.fail(
            1, naming: ["--weight"], arguments: ["restore", "--problem", "denoise", "-o", "z.png", "--", "--weight"], in: folder)
    }
}
