import Foundation
import TestSupport
import Testing

/// What users of command lines expect of any of them.
@Suite struct ConventionsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
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

    @Test func theVersionIsThatOfTheChanges() throws {
        let changes = try String(contentsOfFile: PackageFolder.path("CHANGELOG.md"), encoding: .utf8)
        let latest = changes.split(separator: "\n").first { $0.hasPrefix("## ") }?.dropFirst(3)
        #expect(try Command.succeed("--version", in: folder).output == "\(latest ?? "")\n")
    }
}
