import Foundation
import TestSupport
import Testing

/// `reglow likelihood`.
@Suite struct LikelihoodCommandTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        for name in ["u", "v"] { try folder.makeFolder(name) }
        for index in 0 ..< 3 { try folder.writePicture("u/\(index).png", phase: Float(index)) }
        try folder.writePicture("v/0.png")
        try folder.file("v/broken.png", holding: [1, 2, 3])
    }

    private let call = ["likelihood", "u", "v", "--prior", "tiny.safetensors", "--crop", "8"]

    /// Pictures of 16 x 16 have four crops of 8 x 8, laid out without chance; what is no picture is named.
    @Test func eachFolderHasItsFigures() throws {
        let ending = try Command.run(call + ["--json", "-"], in: folder)
        #expect(ending.status == 0 && ending.messages.contains("v/broken.png"), "\(ending.messages)")
        let results = try #require(try ending.json()["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["folder"] as? String } == ["u", "v"])
        #expect(results.compactMap { $0["crops"] as? Int } == [12, 4])
        for key in ["mean", "median", "standard_deviation"] {
            #expect(results.allSatisfy { ($0[key] as? Double)?.isFinite == true }, "\(key)")
        }
        #expect(try Command.run(call + ["--json", "-"], in: folder).output == ending.output)
        #expect(try Command.run(call + ["--json", "-", "--seed", "1"], in: folder).output != ending.output)
        let text = try Command.run(call, in: folder).output
        #expect(text.contains("bits per dimension") && text.contains("median"))
    }

    @Test(arguments: [("--crop", "6"), ("--crop", "0"), ("--crops", "0"), ("--noise-levels", "9")])
    func whatIsOutOfItsRangeIsNamed(option: String, value: String) throws {
        try Command.fail(
            64, naming: [option], arguments: ["likelihood", "u", "--prior", "tiny.safetensors", option, value], in: folder)
    }
}
