import Foundation
import TestSupport
import Testing

/// What users of command lines expect of any of them.
@Suite struct ConventionsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeModel()
        try folder.writePicture("y.png")
    }

    private static let restore = [
        "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--noise", "0.05", "--max-evaluations", "2",
    ]

    @Test func shortOptionsAreTheLongOnes() throws {
        let quiet = try Command.run(Self.restore + ["-o", "x.png", "-q"], in: folder)
        #expect(quiet.status == 0 && quiet.messages.isEmpty, "\(quiet.messages)")
        let verbose = try Command.run(Self.restore + ["-o", "v.png", "-v"], in: folder)
        #expect(verbose.status == 0 && verbose.messages.contains("instruction set"), "\(verbose.messages)")
        #expect(verbose.messages.contains("evaluations in"))
        #expect(try folder.contents().contains("x.png") && folder.contents().contains("v.png"))
        try Command.fail(64, naming: ["--quiet", "--verbose"], arguments: Self.restore + ["-o", "z.png", "-q", "-v"], in: folder)
    }

    @Test func aFlagCanBeTakenBack() throws {
        for flag in ["self-ensemble", "full-map", "recursive"] {
            let ending = try Command.run(Self.restore + ["-o", "\(flag).png", "--\(flag)", "--no-\(flag)", "--json", "-"], in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
            if flag == "self-ensemble" { #expect(try ending.json()["self_ensemble"] as? Bool == false) }
        }
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

    @Test func aMisspeltPriorIsAnsweredWithTheNearest() throws {
        let ending = try Command.run(["sample", "--prior", "photo", "-o", "s.png"], in: folder)
        #expect(ending.status == 1 && ending.messages.contains("Did you mean 'photos'?"), "\(ending.messages)")
    }

    @Test func theVersionIsThatOfTheChanges() throws {
        let changes = try String(contentsOfFile: PackageFolder.path("CHANGELOG.md"), encoding: .utf8)
        let latest = changes.split(separator: "\n").first { $0.hasPrefix("## ") }?.dropFirst(3)
        #expect(try Command.succeed("--version", in: folder).output == "\(latest ?? "")\n")
    }

    /// Completion offers files of the right kinds, and the words of an option.
    @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreGenerated(shell: String) throws {
        let ending = try Command.run(["--generate-completion-script", shell], in: folder)
        #expect(ending.status == 0)
        #expect(ending.output.contains("safetensors") && ending.output.contains("webp") && ending.output.contains("compressive"))
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
