import Foundation
import TestSupport
import Testing

@Suite struct UsageHintTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writePicture("y.png")
    }

    @Test(arguments: [
        (["restor", "y.png"], "restore"), (["restore", "y.png", "--problem", "deblurr", "-o", "x.png"], "deblur"),
        (["restore", "y.png", "--problem", "deblur", "--border", "unkown", "-o", "x.png"], "unknown"),
        (["restore", "y.png", "--problem", "denoise", "--output", "x.png", "--nois", "0.1"], "noise"),
    ])
    func aMisspeltWordIsAnsweredWithTheNearest(arguments: [String], word: String) throws {
        let ending = try Command.run(arguments, in: folder)
        #expect(ending.status == 64)
        #expect(
            ending.messages.contains("Did you mean '\(word)'?") || ending.messages.contains("Did you mean '--\(word)'?"),
            "\(ending.messages)")
    }

    @Test func aMisspeltPriorIsAnsweredWithTheNearest() throws {
        let ending = try Command.run(["sample", "--prior", "photo", "-o", "s.png"], in: folder)
        #expect(ending.status == 1 && ending.messages.contains("Did you mean 'photos'?"), "\(ending.messages)")
    }
}
