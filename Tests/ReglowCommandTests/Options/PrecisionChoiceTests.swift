import Foundation
import Reglow
import TestSupport
import Testing

/// `--precision`: what it says is what runs.
@Suite struct PrecisionChoiceTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test(arguments: Precision.allCases) func theOneAskedForIsReported(_ precision: Precision) throws {
        let name = precision.rawValue
        let info = try Command.succeed("info", "--precision", name, "--json", "-", in: folder).json()
        #expect(info["precision"] as? String == name)
        let bench = try Command.succeed(
            "bench", "--random", "1,1,8", "--size", "8x8", "--repeats", "1", "--precision", name, "--json", "-", in: folder
        ).json()
        #expect(bench["precision"] as? String == name)
        try folder.writePicture("y.png")
        let restore = try Command.succeed(
            "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "3", "--output", "x.png",
            "--precision", name, "--json", "-", in: folder
        ).json()
        #expect(restore["precision"] as? String == name)
    }

    @Test func mixedIsReportedWithItsSwitch() throws {
        try folder.writePicture("y.png")
        try folder.writePicture("z.png", phase: 1)
        let ending = try Command.succeed(
            "restore", "y.png", "z.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "40",
            "--output", "x", "--precision", "mixed", "--trace", "t.csv", "--json", "r.json", in: folder)
        let report = try JSONSerialization.jsonObject(with: Data(try folder.bytes("r.json"))) as? [String: Any]
        #expect(report?["precision"] as? String == "mixed" && report?["gradient_precision"] as? String == "bf16")
        let results = try #require(report?["results"] as? [[String: Any]])
        let lines = String(decoding: try folder.bytes("t.csv"), as: UTF8.self).split(separator: "\n")
        let rows = lines.map { $0.split(separator: ",") }
        #expect(rows.first?.last == "gradient_precision")
        for result in results {
            let switched = try #require(result["bf16_gradients"] as? Int)
            let evaluations = try #require(result["evaluations"] as? Int)
            #expect((1 ... evaluations).contains(switched))
            #expect(ending.output.contains("\(evaluations) evaluations, \(switched) with a gradient in bf16"))
            for row in rows where String(row[0]) == result["input"] as? String {
                #expect(row.last == (try #require(Int(row[1])) <= switched ? "bf16" : "fp32"))
            }
        }
        #expect(ending.output.contains("precision mixed"))
        let plain = try Command.succeed(
            "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "4", "--output", "p.png",
            "--json", "-", in: folder
        ).json()
        #expect((plain["results"] as? [[String: Any]])?.first?["bf16_gradients"] == nil)
    }

    /// `auto` is one of two choices, by the processor alone, says which, and has its bits.
    @Test func autoIsMixedWhereThatIsFaster() throws {
        try folder.writePicture("y.png")
        func restore(_ precision: String) throws -> (report: [String: Any], image: Data, text: String) {
            let ending = try Command.succeed(
                "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "9", "--output",
                "x.npy", "--precision", precision, "--json", "r.json", in: folder)
            let report = try JSONSerialization.jsonObject(with: Data(try folder.bytes("r.json"))) as? [String: Any]
            return (try #require(report), Data(try folder.bytes("x.npy")), ending.output)
        }
        let isFaster = try InstructionSet.selected().gradientPrecision() == .bf16
        let (chosen, other) = (try restore("auto"), try restore(isFaster ? "mixed" : "fp32"))
        #expect(chosen.image == other.image)
        #expect(chosen.report["precision"] as? String == "auto")
        #expect(chosen.report["gradient_precision"] as? String == (isFaster ? "bf16" : nil))
        #expect(chosen.text.contains("precision auto (\(isFaster ? "gradients in bf16" : "fp32") on \(ProcessorModel.current))"))
    }

    @Test func bothGradientsAreTimed() throws {
        let options = ["bench", "--random", "1,1,8", "--size", "8x8", "--repeats", "2"]
        let ending = try Command.run(options + ["--precision", "auto"], in: folder)
        #expect(ending.status == 0 && ending.output.contains("--precision auto takes"))
        let report = try Command.run(options + ["--precision", "mixed", "--json", "-"], in: folder).json()
        #expect((report["mixed_analysis"] as? [String: Any])?["median"] as? Double ?? 0 > 0)
    }

    @Test func tablesAreMadeInAutoAndSayIt() throws {
        try folder.writePicture("u.png", height: 24, width: 24)
        let options = ["--prior", "tiny.safetensors", "--max-evaluations", "3", "--precision", "auto"]
        for arguments in [["table", "u.png"], ["demo", "u.png", "--output", "d"]] {
            let ending = try Command.run(arguments + options, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
            #expect(ending.output.contains("precision auto"))
        }
    }

    /// Where nothing is solved there is nothing to switch.
    @Test func autoIsRefusedWhereNothingIsSolved() throws {
        let golden = PackageFolder.path("Tests/GlowModelTests/Golden/affine-L3K4h32")
        for arguments in [
            ["sample", "--prior", "tiny.safetensors", "--output", "s.png"],
            ["verify", "--model", golden + ".model.safetensors", "--golden", golden + ".golden.safetensors"],
            ["train", "u", "--output", "m.safetensors"], ["likelihood", "u", "--prior", "tiny.safetensors"],
            ["convert", "tiny.safetensors", "--networks", "fp16", "--output", "m.safetensors"],
        ] {
            let ending = try Command.fail(
                64, naming: ["--precision mixed", "restore"], arguments: arguments + ["--precision", "mixed"], in: folder)
            #expect(ending.output.isEmpty)
        }
    }

    /// Golden vectors, which are in double precision, tell which arithmetic ran: fp32 is good to 1e-5, bf16 to a fifth and not
    /// to 1e-3.
    @Test func theOneAskedForRuns() throws {
        let golden = PackageFolder.path("Tests/GlowModelTests/Golden/affine-L3K4h32")
        func verify(_ more: String...) throws -> [String: Double] {
            let ending = try Command.run(
                ["verify", "--model", golden + ".model.safetensors", "--golden", golden + ".golden.safetensors", "--json", "-"]
                    + more, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
            return try #require(try ending.json()["errors"] as? [String: Double])
        }
        #expect(try verify().values.allSatisfy { $0 <= 1e-5 })
        #expect(try verify("--precision", "fp32").values.allSatisfy { $0 <= 1e-5 })
        let errors = try verify("--precision", "bf16", "--tolerance", "0.2")
        #expect(errors["latent"] ?? 0 > 1e-3 && errors["inverse_vjp"] ?? 0 > 1e-3)
    }

    /// The shipped prior on a blurred face: bf16 moves the solution by far less than the prior is worth.
    @Test(arguments: InstructionSet.supported) func aRestoredFaceIsAsGood(_ set: InstructionSet) throws {
        try folder.writeFace("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "deblur", "--noise", "0.005", "--output", "y.npy", in: folder)
        func psnr(_ precision: Precision) throws -> Double {
            let report = try Command.succeed(
                "restore", "y.npy", "--problem", "deblur", "--noise", "0.005", "--max-evaluations", "60", "--output",
                "\(precision).npy", "--truth", "u.png", "--precision", precision.rawValue, "--json", "-", "--quiet", in: folder,
                environment: ["REGLOW_ISA": set.rawValue]
            ).json()
            return try #require((report["results"] as? [[String: Any]])?.first?["psnr"] as? Double)
        }
        let (single, half) = (try psnr(.fp32), try psnr(.bf16))
        #expect(abs(single - half) <= 0.3)
        #expect(try folder.bytes("fp32.npy") != folder.bytes("bf16.npy"))
    }
}
