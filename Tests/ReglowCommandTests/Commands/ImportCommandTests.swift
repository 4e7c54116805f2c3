import CheckpointSupport
import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow import`.
@Suite struct ImportCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func writeCheckpoint(_ family: CheckpointFamily, isAffine: Bool = true, _ name: String = "c.pt") throws {
        try folder.file(name, holding: MadeFile.bytes(FamilyTwin(family, isAffine: isAffine).state, .zip, wrapper: "state_dict"))
    }

    private func run(_ arguments: [String]) throws -> Command.Ending { try Command.run(["import", "c.pt"] + arguments, in: folder) }

    /// What was found stands in the report, and in the model file.
    @Test func aCheckpointBecomesAModel() throws {
        try writeCheckpoint(.rosinality)
        let ending = try run(["--output", "m.safetensors", "--json", "-"])
        #expect(ending.status == 0, "\(ending.messages)")
        let report = try ending.json()
        #expect(report["family"] as? String == "rosinality" && report["place"] as? String == "state_dict")
        #expect(report["format"] as? String == "reglow-glow/2" && report["output"] as? String == "m.safetensors")
        let architecture = try #require(report["architecture"] as? [String: Any])
        #expect(architecture["steps"] as? [Int] == [2, 2] && architecture["coupling"] as? String == "affine")
        let digest = try #require(report["sha256"] as? String)
        #expect(digest == (try SHA256.hexDigest(ofFile: folder.file("c.pt")).digest))

        let info = try Command.succeed("info", "m.safetensors", in: folder).output
        #expect(info.contains("imported_from: rosinality; sha256 \(digest)"))
        #expect(try folder.contents() == ["c.pt", "m.safetensors"])
    }

    /// An additive model of normflows is one of version 1 and runs in everything; bits before and after are those of the same model.
    @Test func anImportedModelRestores() throws {
        var twin = FamilyTwin(.normflows, isAffine: false)
        twin.hasBase = false
        try folder.file("c.pt", holding: MadeFile.bytes(twin.state, .zip))
        try folder.makeFolder("images")
        try folder.writePicture("images/a.png", height: 4, width: 4)
        let ending = try run(["--output", "m.safetensors", "--check", "images", "--probe", "images", "--json", "-"])
        #expect(ending.status == 0, "\(ending.messages)")
        let report = try ending.json()
        let check = try #require(report["check"] as? [String: Any])
        let (before, after) = (try #require(check["bits_before"] as? Double), try #require(check["bits_after"] as? Double))
        #expect(abs(before - after) < 1e-4 && abs(before - (report["bits_per_dimension"] as? Double ?? 0)) < 1e-4)
        #expect(report["probe_images"] as? Int == 1)
        try Command.succeed(
            "restore", "images/a.png", "--problem", "denoise", "--noise", "0.05", "--max-evaluations", "2", "--output", "x.png",
            in: folder, environment: ["REGLOW_PRIOR": "m.safetensors"])
        let info = try Command.succeed("info", in: folder, environment: ["REGLOW_PRIOR": "m.safetensors"])
        #expect(info.output.contains("m.safetensors (REGLOW_PRIOR)"))
        try Command.fail(
            1, naming: ["lost"], arguments: ["restore", "images/a.png", "--problem", "denoise", "--output", "y.png"], in: folder,
            environment: ["REGLOW_PRIOR": "lost"])
    }

    @Test func aDryRunWritesNothing() throws {
        try writeCheckpoint(.y0ast)
        let ending = try run(["--dry-run", "--output", "m.safetensors"])
        #expect(
            ending.status == 0 && ending.output.contains("y0ast") && ending.output.contains("nothing was written"), "\(ending.messages)")
        #expect(try folder.contents() == ["c.pt"])
    }

    /// What the file leaves open is an error, until it is set.
    @Test func anAmbiguousFileAsks() throws {
        try writeCheckpoint(.glowip)
        try Command.fail(
            1, naming: ["c.pt", "squeeze", "last-offset"], arguments: ["import", "c.pt", "--output", "m.safetensors"], in: folder)
        #expect(try folder.contents() == ["c.pt"])
        let ending = try run(["--output", "m.safetensors", "--set", "squeeze=interleaved", "--set", "last-offset=1"])
        #expect(ending.status == 0 && ending.output.contains("interleaved (given)"), "\(ending.messages)")
        #expect(try Command.succeed("info", "m.safetensors", in: folder).output.contains("squeeze=interleaved, last-offset=1"))
    }

    @Test func badInputIsOneError() throws {
        try writeCheckpoint(.y0ast)
        try folder.file("broken.pt", holding: Array(folder.bytes("c.pt").dropLast(700)))
        try folder.file("config.json", holding: Array("[]".utf8))
        func fails(_ status: Int32, _ words: [String], _ arguments: [String]) throws {
            try Command.fail(status, naming: words, arguments: ["import"] + arguments, in: folder)
        }
        try fails(64, ["--output", "--dry-run"], ["c.pt"])
        try fails(64, ["--set", "Did you mean 'class'?"], ["c.pt", "--dry-run", "--set", "clas=1"])
        try fails(64, [".safetensors"], ["c.pt", "--output", "m.pt"])
        try fails(64, ["input"], ["c.safetensors", "--output", "c.safetensors"])
        try fails(64, ["--check"], ["c.pt", "--dry-run", "--check", "."])
        try fails(64, ["--noise-levels"], ["c.pt", "--dry-run", "--noise-levels", "9"])
        try fails(1, ["broken.pt", "truncated"], ["broken.pt", "--output", "m.safetensors"])
        try fails(1, ["config.json", "no JSON object"], ["c.pt", "--output", "m.safetensors", "--config", "config.json"])
        try fails(1, ["class"], ["c.pt", "--output", "m.safetensors", "--set", "class=1"])
        try fails(1, ["no/m.safetensors"], ["c.pt", "--output", "no/m.safetensors"])
        try fails(1, ["lost.pt"], ["lost.pt", "--dry-run"])
        #expect(try folder.contents() == ["broken.pt", "c.pt", "config.json"])
    }

    /// A failed import leaves an old model alone.
    @Test func anOldModelStays() throws {
        try writeCheckpoint(.glowip)
        try folder.file("m.safetensors", holding: [1, 2, 3])
        #expect(try run(["--output", "m.safetensors"]).status == 1)
        #expect(try folder.bytes("m.safetensors") == [1, 2, 3])
    }
}
