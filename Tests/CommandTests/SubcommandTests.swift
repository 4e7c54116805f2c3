import Foundation
import Reglow
import TestSupport
import Testing

/// The good paths of the subcommands beside degrade and restore.
@Suite struct SubcommandTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeModel()
    }

    @Test func evaluate() throws {
        let truth = try folder.writePicture("u.npy")
        try ImageFile.write(try Image(shape: truth.shape, pixels: truth.pixels.map { $0 + 0.1 }), to: folder.file("x.npy"))
        let report = try Command.succeed("evaluate", "u.npy", "x.npy", "--json", "-", in: folder).json()
        #expect(Set(report.keys) == ["psnr", "ssim"])
        // A difference of 0.1 everywhere is 20 dB; adding it rounds each pixel by at most 2^-24.
        #expect(abs((report["psnr"] as? Double ?? 0) - 20) < 1e-4)
        let same = try Command.succeed("evaluate", "u.npy", "u.npy", "--json", "-", in: folder).json()
        #expect(same["psnr"] is NSNull)
        #expect(same["ssim"] as? Double == 1)
        try Command.succeed("evaluate", "u.npy", "x.npy", "--json", "r.json", in: folder)
        #expect(try folder.contents().contains("r.json"))
    }

    @Test(arguments: ["additive-L2K3h20", "additive-L3K4h32", "affine-L3K4h32"])
    func verify(_ name: String) throws {
        let golden = PackageFolder.path("Tests/GlowModelTests/Golden/\(name)")
        let files = ["--model", golden + ".model.safetensors", "--golden", golden + ".golden.safetensors"]
        let pass = try Command.run(["verify", "--json", "-"] + files, in: folder)
        #expect(pass.status == 0, "\(pass.messages)")
        let report = try pass.json()
        #expect(report["pass"] as? Bool == true)
        let errors = try #require(report["errors"] as? [String: Double])
        #expect(errors.keys.contains("log_determinant") && errors.keys.contains("inverse_vjp"))
        #expect(errors.values.allSatisfy { $0 <= 1e-5 })

        let fail = try Command.run(["verify", "--json", "-", "--tolerance", "0"] + files, in: folder)
        #expect(fail.status == 1 && fail.errors.count == 1, "\(fail.messages)")
        #expect(try fail.json()["pass"] as? Bool == false)
    }

    /// Against the model's own fp32 the maps have the errors of bf16, and in fp32 none but those of the way there and back.
    @Test func verifyAgainstTheModelsOwnFP32() throws {
        try folder.writePicture("u.png", height: 8, width: 12)
        let options = ["verify", "--model", "tiny.safetensors", "--image", "u.png", "--json", "-"]
        func errors(_ more: [String]) throws -> [String: Double] {
            let ending = try Command.run(options + more, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
            return try #require(try ending.json()["errors"] as? [String: Double])
        }
        let single = try errors([])
        #expect(single.count == 8)
        #expect(single.allSatisfy { $0.key == "image" ? $0.value <= 1e-5 : $0.value == 0 })
        let half = try errors(["--precision", "bf16", "--tolerance", "0.5"])
        for map in ["latent", "image", "forward_jvp", "forward_vjp", "inverse_jvp", "inverse_vjp"] {
            #expect(half[map] ?? 0 > 1e-5, "\(map)")
        }
        try folder.writePicture("odd.png", height: 9, width: 12)
        try Command.fail(
            1, naming: ["odd.png", "multiples"], arguments: ["verify", "--model", "tiny.safetensors", "--image", "odd.png"],
            in: folder)
    }

    /// The last number of a golden file belongs to its last tensor.
    @Test func aChangedGoldenNumberFails() throws {
        let golden = PackageFolder.path("Tests/GlowModelTests/Golden/additive-L2K3h20")
        var bytes = try FileBytes.read(golden + ".golden.safetensors")
        bytes.replaceSubrange(bytes.count - 8 ..< bytes.count, with: withUnsafeBytes(of: 3.5.bitPattern) { [UInt8]($0) })
        try folder.file("changed.safetensors", holding: bytes)
        try Command.fail(
            1, naming: ["changed.safetensors"],
            arguments: ["verify", "--model", golden + ".model.safetensors", "--golden", "changed.safetensors"],
            in: folder)
    }

    @Test func info() throws {
        let machine = try Command.succeed("info", "--json", "-", "--threads", "3", in: folder).json()
        #expect(machine["threads"] as? Int == 3)
        #expect(machine["precision"] as? String == "fp32")
        #expect((machine["cpu"] as? String)?.isEmpty == false)
        let priors = try #require(machine["priors"] as? [[String: Any]])
        #expect(priors.contains { $0["name"] as? String == machine["default_prior"] as? String })

        let model = try Command.succeed("info", "tiny.safetensors", "--size", "30x30", "--json", "-", in: folder).json()
        let architecture = try GlowArchitecture(levels: 2, steps: 2, hidden: 8)
        let macs = architecture.multiplyAccumulates(height: 32, width: 32)
        #expect(model["parameters"] as? Int == architecture.parameterCount)
        #expect((model["cost"] as? [String: Any])?["macs_per_pass"] as? Double == macs.couplings + macs.mixings)
        #expect(try Command.succeed("info", in: folder).output.contains("faces64 (default)"))
    }

    @Test func controlCharactersOfACardAreEscaped() throws {
        let architecture = try GlowArchitecture(levels: 1, steps: 1, hidden: 2)
        var parameters = try GlowParameters.random(architecture: architecture, seed: 1)
        parameters.card = ModelCard(["license": "free\u{1B}[31m\nforged: line"])
        try ModelFile.write(parameters, to: folder.file("odd.safetensors"))
        let output = try Command.succeed("info", "odd.safetensors", in: folder).output
        #expect(output.contains("free\\u{1b}[31m\\u{a}forged: line"))
        #expect(!output.contains("\u{1B}"))
    }

    @Test func bench() throws {
        let report = try Command.succeed(
            "bench", "--random", "2,2,16", "--size", "32x16", "--batch", "2", "--repeats", "3", "--json", "-", in: folder
        ).json()
        for key in ["gflop", "gflops", "peak_gflops", "percent_of_peak", "peak_memory_bytes", "isa", "precision", "threads"] {
            #expect(report[key] != nil, "\(key)")
        }
        for method in ["analysis", "synthesis"] {
            let seconds = try #require(report[method] as? [String: Double])
            #expect(Set(seconds.keys) == ["min", "median", "p95"])
        }
        #expect(report["maps"] == nil && report["around"] == nil)
    }

    @Test func benchParts() throws {
        let call = ["bench", "--parts", "--random", "2,2,16", "--repeats", "3", "--threads", "2"]
        let report = try Command.run(call + ["--size", "24x20", "--json", "-"], in: folder).json()
        #expect(report["analysis"] != nil)
        let maps = try #require(report["maps"] as? [String: [String: Double]])
        #expect(Set(maps.keys) == ["forward", "forwardJVP", "forwardVJP", "inverse", "inverseJVP", "inverseVJP"])
        #expect(maps.values.allSatisfy { Set($0.keys) == ["seconds", "passes"] })
        let around = try #require(report["around"] as? [String: [String: Double]])
        #expect(Set(around.keys) == ["deblur", "superres_x2", "superres_x4", "inpaint_random", "inpaint_hole"])
        #expect(around.values.allSatisfy { Set($0.keys) == ["analysis", "synthesis"] })

        let text = try Command.run(call + ["--size", "24x20"], in: folder).output
        for word in ["forwardVJP", "passes", "inpaint_hole"] { #expect(text.contains(word)) }
        try Command.fail(1, naming: ["20"], arguments: call + ["--size", "16x16"], in: folder)
    }

    @Test func sampleSheetAndFolder() throws {
        try Command.succeed(
            "sample", "--prior", "tiny.safetensors", "--count", "3", "--size", "8x12", "--output", "sheet.png", in: folder)
        try Command.succeed(
            "sample", "--prior", "tiny.safetensors", "--count", "2", "--size", "8x12", "--seed", "4", "--output", "s", in: folder)
        #expect(try folder.contents("s") == ["sample-000.png", "sample-001.png"])
        #expect(try folder.image("s/sample-000.png").shape == ImageShape(channels: 3, height: 8, width: 12))
        #expect(try folder.bytes("s/sample-000.png") != folder.bytes("s/sample-001.png"))
        try Command.succeed(
            "sample", "--prior", "tiny.safetensors", "--count", "1", "--size", "8x12", "--seed", "4", "--output", "again",
            in: folder)
        #expect(try folder.bytes("again/sample-000.png") == folder.bytes("s/sample-000.png"))
    }

    @Test func table() throws {
        try folder.writePicture("a.png", height: 24, width: 28)
        try folder.writePicture("b.png", height: 24, width: 28, phase: 1)
        let ending = try Command.succeed(
            "table", "a.png", "b.png", "--prior", "tiny.safetensors", "--max-evaluations", "4", "--output", "t", "--measurements-output",
            "y", "--seed",
            "5", "--json", "-", in: folder)
        let rows = try #require(try ending.json()["rows"] as? [[String: Any]])
        #expect(rows.count == 15)
        #expect(rows.prefix(3).map { $0["method"] as? String } == ["auto", "analysis", "synthesis"])
        #expect(rows.prefix(3).map { $0["solver"] as? String } == ["auto", "lbfgs", "lbfgs"])
        #expect(String(decoding: try folder.bytes("t/table.txt"), as: UTF8.self).contains("auto; analysis, synthesis by lbfgs, at most 4"))
        #expect(rows.allSatisfy { ($0["psnr"] as? [String: Any])?["mean"] is Double })
        #expect(try folder.contents("t") == ["table.csv", "table.json", "table.txt"])
        #expect(String(decoding: try folder.bytes("t/table.csv"), as: UTF8.self).split(separator: "\n").count == 16)
        #expect(try folder.contents("y") == ["deblur", "inpaint-hole", "inpaint-random", "superres-x2", "superres-x4"])
        #expect(try folder.contents("y/inpaint-random") == ["a.mask.png", "a.npy", "b.mask.png", "b.npy"])

        // Image i is measured with the seed plus i, as degrade does it.
        try Command.succeed(
            "degrade", "b.png", "--problem", "inpaint", "--missing", "0.6", "--seed", "6", "--output", "b.npy", "--mask-output",
            "m.png", in: folder)
        #expect(try folder.bytes("b.npy") == folder.bytes("y/inpaint-random/b.npy"))
        #expect(try folder.bytes("m.png") == folder.bytes("y/inpaint-random/b.mask.png"))
    }

    @Test func tableOfSomeProblems() throws {
        try folder.writePicture("a.png", height: 24, width: 28)
        func psnrs(_ problems: String...) throws -> [String: Double] {
            let ending = try Command.run(
                ["table", "a.png", "--prior", "tiny.safetensors", "--solver", "auto", "--max-evaluations", "4", "--json", "-"]
                    + problems.flatMap { ["--problem", $0] }, in: folder)
            let rows = try #require(try ending.json()["rows"] as? [[String: Any]])
            return try Dictionary(
                uniqueKeysWithValues: rows.map {
                    (try #require($0["problem"] as? String), try #require(($0["psnr"] as? [String: Any])?["mean"] as? Double))
                })
        }
        let some = try psnrs("inpaint-hole", "deblur")
        #expect(some == (try psnrs()).filter { ["inpaint-hole", "deblur"].contains($0.key) })
        #expect(some.count == 2)
        try Command.fail(
            64, naming: ["--problem", "deblur"], arguments: ["table", "a.png", "--problem", "deblur", "--problem", "deblur"], in: folder)
        try Command.fail(64, naming: ["--problem", "paint"], arguments: ["table", "a.png", "--problem", "paint"], in: folder)
        try Command.fail(
            64, naming: ["compressive", "denoise"], arguments: ["table", "a.png", "--problem", "compressive"], in: folder)
        let kinds = try psnrs("superres", "inpaint", "denoise")
        #expect(kinds.keys.sorted() == ["denoise", "inpaint-hole", "inpaint-random", "superres-x2", "superres-x4"])
        #expect(kinds["inpaint-hole"] == some["inpaint-hole"])
    }

    @Test func demo() throws {
        try folder.writePicture("u.png", height: 24, width: 24)
        let ending = try Command.succeed(
            "demo", "u.png", "--prior", "tiny.safetensors", "--max-evaluations", "3", "--output", "d/e", in: folder)
        #expect(ending.output.contains("d/e/demo.png"))
        #expect(try folder.contents("d/e").count == 22)
        #expect(try folder.image("d/e/demo.png").shape.width > 4 * 24)
    }

    @Test(arguments: [("photos", 256), ("faces", 64)]) func theDemoShowsWhatThePriorKnows(name: String, side: Int) throws {
        try FileManager.default.copyItem(
            atPath: folder.file("tiny.safetensors"), toPath: folder.file("\(name).safetensors"))
        _ = try Command.succeed(
            "demo", "--prior", "./\(name).safetensors", "--problem", "deblur", "--max-evaluations", "1", "--output", "d", in: folder)
        #expect(try folder.image("d/truth.png").shape.width == side)
    }

    @Test func everySubcommandHasHelp() throws {
        for name in ["degrade", "restore", "evaluate", "verify", "info", "bench", "table", "sample", "demo"] {
            let help = try Command.succeed("help", name, in: folder).output
            for option in ["--json", "--threads", "--precision", "--quiet"] { #expect(help.contains(option), "\(name) \(option)") }
        }
    }
}
