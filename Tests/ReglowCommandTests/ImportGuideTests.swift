import CheckpointSupport
import Foundation
import Reglow
import TestSupport
import Testing

/// The calls of docs/import.md, as a reader makes them.
@Suite struct ImportGuideTests {
    @Test func theCallsOfTheGuideWork() throws {
        let folder = try TemporaryFolder()
        var twin = FamilyTwin(.normflows, isAffine: false)
        twin.hasBase = false
        try folder.file("glow.pt", holding: MadeFile.bytes(twin.state, .zip, wrapper: "model"))
        try folder.writePicture("blurred.png")
        let guide = try String(contentsOfFile: PackageFolder.path("docs/import.md"), encoding: .utf8)
        let calls = guide.split(separator: "\n").filter { $0.hasPrefix("    reglow ") }
        // That with a probe needs images that a model was trained on.
        let own = calls.filter { !$0.contains("--probe") }
        #expect(calls.count == 6 && own.count == 5)
        for call in own {
            let words = call.split(separator: " ").dropFirst().map(String.init)
            let budget = words[0] == "restore" ? ["--max-evaluations", "3"] : []
            let ending = try Command.run(words + budget, in: folder)
            #expect(ending.status == 0, "\(call): \(ending.messages)")
        }
        #expect(try Set(folder.contents()).isSuperset(of: ["mine.safetensors", "drawn.png", "restored.png", "mine.pt"]))
    }
}
