import TestSupport
import Testing

@Suite struct ProblemWordTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("y.png")
    }

    /// A name of one of the table's problems stands for its options in every command.
    @Test(arguments: [
        ("superres-x4", ["superres", "--scale", "4"], "--scale"), ("inpaint-random", ["inpaint", "--missing", "0.6"], "--missing"),
        ("inpaint-hole", ["inpaint", "--hole", "20"], "--hole"), ("deblur-window", ["deblur", "--border", "unknown"], "--border"),
    ])
    func problemsHaveOneVocabulary(name: String, options: [String], option: String) throws {
        try folder.writePicture("u.png", height: 32, width: 32)
        func degrade(_ problem: [String], _ output: String) throws -> [UInt8] {
            #expect(
                try Command.run(["degrade", "u.png", "--seed", "3", "--output", output, "--problem"] + problem, in: folder).status == 0)
            return try folder.bytes(output)
        }
        #expect(try degrade([name], "name.npy") == degrade(options, "options.npy"))
        try Command.fail(
            64, naming: [name, option],
            arguments: ["degrade", "u.png", "-o", "x.npy", "--problem", name, option, options.last ?? ""], in: folder)
    }
}
