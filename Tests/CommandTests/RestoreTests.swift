import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct RestoreTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeModel()
    }

    /// With the shipped prior of faces.
    @Test(arguments: Formulation.allCases)
    func aRestoredFaceIsCloserToTheTruthThanTheMeasurement(_ method: Formulation) throws {
        try folder.writeFace("u.png")
        try Command.succeed(
            "degrade", "u.png", "--problem", "deblur", "--noise", "0.005", "--output", "y.npy", in: folder)
        let before = try Command.succeed("evaluate", "u.png", "y.npy", "--json", "-", in: folder).json()
        let report = try Command.succeed(
            "restore", "y.npy", "--problem", "deblur", "--prior", "faces64", "--noise", "0.005", "--method", method.rawValue,
            "--max-evaluations", "120",
            "--output",
            "x.png", "--truth", "u.png", "--json", "-", "--quiet", in: folder
        ).json()
        let result = try #require((report["results"] as? [[String: Any]])?.first)
        let psnr = try #require(result["psnr"] as? Double)
        #expect(psnr > (try #require(before["psnr"] as? Double)) + 1)
        let evaluated = try Command.succeed("evaluate", "u.png", "x.png", "--json", "-", in: folder).json()
        // The file is rounded to 8 bits, the report is not.
        #expect(abs(psnr - (try #require(evaluated["psnr"] as? Double))) < 0.05)
        #expect(report["prior"] as? String == "faces64")
    }

    @Test(arguments: [
        ["denoise"], ["deblur", "--point-spread", "gaussian:1", "--border", "reflect"], ["superres", "--scale", "2"],
        ["inpaint", "--missing", "0.4"], ["inpaint", "--hole", "4"], ["compressive", "--measurements", "300"],
    ])
    func theReportHoldsWhatTheContractSays(_ problem: [String]) throws {
        try folder.writePicture("u.png", height: 10, width: 14)
        let degrade = try Command.run(
            ["degrade", "u.png", "--problem"] + problem + ["--seed", "3", "--output", "y.npy"], in: folder)
        #expect(degrade.status == 0, "\(degrade.messages)")
        let restore = try Command.run(
            ["restore", "y.npy", "--problem"] + problem + [
                "--seed", "3", "--prior", "tiny.safetensors", "--max-evaluations", "30", "--output", "x.npy", "--truth", "u.png",
                "--json", "-",
            ], in: folder)
        #expect(restore.status == 0, "\(restore.messages)")
        let report = try restore.json()
        let result = try #require((report["results"] as? [[String: Any]])?.first)
        let keys = ["input", "output", "objective", "data_fidelity", "prior", "evaluations", "seconds", "stop", "psnr"]
        for key in keys { #expect(result[key] != nil, "\(key)") }
        // A side below 11 pixels has no SSIM.
        #expect(result["ssim"] is NSNull)
        for key in ["isa", "precision", "threads", "problem", "method", "prior", "noise", "regularization_weight", "seed"] {
            #expect(report[key] != nil, "\(key)")
        }
        #expect(result["evaluations"] as? Int ?? 0 <= 30)
        #expect(try folder.image("x.npy").shape == ImageShape(channels: 3, height: 10, width: 14))
    }

    @Test func aSelfEnsembleIsReported() throws {
        try folder.writePicture("u.png", height: 10, width: 14)
        try Command.succeed("degrade", "u.png", "--problem", "denoise", "--output", "y.npy", in: folder)
        func restore(_ options: [String]) throws -> (report: [String: Any], result: [String: Any]) {
            let ending = try Command.run(
                ["restore", "y.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "6", "--tolerance", "0"]
                    + ["--output", "x.npy", "--json", "-", "--trace", "t.csv", "--truth", "u.png"] + options, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
            let report = try ending.json()
            return (report, try #require((report["results"] as? [[String: Any]])?.first))
        }
        let (plain, both) = (try restore([]), try restore(["--self-ensemble"]))
        #expect(plain.report["self_ensemble"] as? Bool == false)
        #expect(both.report["self_ensemble"] as? Bool == true)
        #expect(plain.result["mirrored_objective"] == nil)
        #expect(both.result["mirrored_objective"] as? Double != both.result["objective"] as? Double)
        #expect(both.result["objective"] as? Double == plain.result["objective"] as? Double)
        #expect(both.result["evaluations"] as? Int == 12)
        // The trace goes on to the second solve, and ends at the mean of both. A step of 0 begins in the latent, the image and its mirror image.
        #expect(try column("step").count(where: { Double($0) == 0 }) == 3)
        #expect(try column("evaluation").last == "12")
        #expect(try column("psnr").compactMap { Double($0) }.last == both.result["psnr"] as? Double)
    }

    /// The operator of a random mask comes from the seed: with another seed, observed pixels count as missing.
    @Test func theSeedGivesTheMaskBack() throws {
        let truth = try folder.writePicture("u.npy")
        try Command.succeed(
            "degrade", "u.npy", "--problem", "inpaint", "--missing", "0.5", "--seed", "9", "--noise", "0", "--output", "y.npy",
            "--mask-output", "m.png", in: folder)
        let options = ["--prior", "tiny.safetensors", "--max-evaluations", "20", "--problem", "inpaint"]
        for (mask, output) in [
            (["--missing", "0.5", "--seed", "9"], "same.npy"), (["--mask", "m.png"], "file.npy"),
            (["--missing", "0.5", "--seed", "8"], "other.npy"),
        ] {
            let ending = try Command.run(["restore", "y.npy", "--output", output] + options + mask, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
        }
        #expect(try folder.bytes("same.npy") == folder.bytes("file.npy"))
        #expect(try folder.bytes("same.npy") != folder.bytes("other.npy"))
        let mask = try folder.image("m.png").pixels
        let restored = try folder.image("same.npy").pixels
        for pixel in mask.indices where mask[pixel] == 1 { #expect(abs(restored[pixel] - truth.pixels[pixel]) < 0.01) }
    }

    @Test func aGreyImageStaysGrey() throws {
        try folder.writePicture("u.png", channels: 1)
        try Command.succeed("degrade", "u.png", "--problem", "denoise", "--output", "y.png", in: folder)
        let ending = try Command.succeed(
            "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "5", "--output", "x.png",
            "--truth",
            "u.png", in: folder)
        #expect(ending.messages.contains("y.png: grey"))
        #expect(try folder.image("x.png").shape == ImageShape(channels: 1, height: 16, width: 16))
        let quiet = try Command.succeed(
            "restore", "y.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "5", "--output", "x.png",
            "--quiet",
            in: folder)
        #expect(quiet.messages.isEmpty)
    }

    @Test func theTraceHasALineForEachIterate() throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "deblur", "--output", "y,1.npy", in: folder)
        try Command.succeed(
            "restore", "y,1.npy", "--problem", "deblur", "--prior", "tiny.safetensors", "--max-evaluations", "12", "--output", "x.png",
            "--trace",
            "t.csv", in: folder)
        let lines = String(decoding: try folder.bytes("t.csv"), as: UTF8.self).split(separator: "\n")
        #expect(lines.first?.hasPrefix("input,evaluation,passes,objective,") == true)
        #expect(lines.first?.contains("psnr") == false)
        #expect(lines.dropFirst().first?.hasPrefix("\"y,1.npy\",1,") == true)
        #expect((3 ... 13).contains(lines.count))
    }

    /// Of images that stop at different times, on a canvas that is larger than they are; the command's own for the last iterates.
    @Test func theTraceHasThePSNROfEachIterate() throws {
        for name in ["u", "y"] { try folder.makeFolder(name) }
        for (index, name) in ["a", "b"].enumerated() {
            try folder.writePicture("u/\(name).png", height: 10, width: 14, phase: Float(index))
            try Command.succeed(
                "degrade", "u/\(name).png", "--problem", "deblur", "--seed", "\(index)", "--output", "y/\(name).npy", in: folder)
        }
        let ending = try Command.succeed(
            "restore", "y", "--problem", "deblur", "--prior", "tiny.safetensors", "--max-evaluations", "30", "--output", "x", "--truth",
            "u",
            "--trace", "t.csv", "--json", "-", in: folder)
        let report = try ending.json()
        let lines = String(decoding: try folder.bytes("t.csv"), as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
        let names = try #require(lines.first)
        #expect(names.last == "psnr")
        let objective = try #require(names.firstIndex(of: "objective"))
        for result in try #require(report["results"] as? [[String: Any]]) {
            let own = lines.filter { $0.first.map(String.init) == result["input"] as? String }
            let values = own.compactMap { line in line.last.flatMap { Double($0) } }
            #expect(own.count > 3 && values.count == own.count)
            #expect(Set(values).count > 1)
            let last = try #require(own.last)
            // Digit by digit: Foundation reads some numbers of JSON two units of the last place off.
            #expect(ending.output.contains(last[objective]))
            #expect(abs((try #require(values.last)) - (try #require(result["psnr"] as? Double))) < 1e-9)
        }
    }

    @Test(arguments: ["adjoint", "zero", "random", "u.png"])
    func everyStartWorks(_ start: String) throws {
        try folder.writePicture("u.png", height: 9, width: 7)
        try Command.succeed("degrade", "u.png", "--problem", "denoise", "--output", "y.npy", in: folder)
        try Command.succeed(
            "restore", "y.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "5", "--start", start,
            "--output",
            "x.png", "--method", "synthesis", in: folder)
    }

    @Test(arguments: ["auto", "gd", "adam", "lbfgs", "gauss-newton"])
    func everySolverLowersTheObjective(_ solver: String) throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "inpaint", "--hole", "6", "--output", "y.npy", in: folder)
        func objective(_ iterations: String) throws -> Double {
            let report = try Command.succeed(
                "restore", "y.npy", "--problem", "inpaint", "--hole", "6", "--prior", "tiny.safetensors", "--solver", solver,
                "--max-evaluations",
                iterations, "--regularization-weight", "0.01", "--output", "x.png", "--json", "-", in: folder
            ).json()
            return try #require((report["results"] as? [[String: Any]])?.first?["objective"] as? Double)
        }
        #expect(try objective("40") < objective("1"))
    }

    /// What the options say, and what the report and the trace say that was done.
    @Test(arguments: [
        ([], "auto", "auto", ["analysis"]), (["--solver", "auto"], "auto", "auto", ["analysis"]),
        (["--method", "synthesis"], "synthesis", "lbfgs", ["synthesis"]), (["--solver", "adam"], "analysis", "adam", ["analysis"]),
        (["--solver", "gauss-newton"], "analysis", "gauss-newton", ["analysis"]),
        (["--method", "synthesis", "--solver", "gd"], "synthesis", "gd", ["synthesis"]),
    ])
    func theSolverIsChosen(_ options: [String], method: String, solver: String, unknowns: [String]) throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "deblur", "--output", "y.npy", in: folder)
        let ending = try Command.run(
            ["restore", "y.npy", "--problem", "deblur", "--border", "periodic", "--prior", "tiny.safetensors", "--max-evaluations", "20"]
                + ["--output", "x.png"]
                + ["--json", "-", "--trace", "t.csv"] + options, in: folder)
        let report = try ending.json()
        #expect(report["method"] as? String == method)
        #expect(report["solver"] as? String == solver)
        #expect(try unknownsOfTheTrace() == unknowns)
    }

    /// Where pixels are missing, the default solver looks for them in the latent first.
    @Test func missingPixelsAreSoughtInTheLatentFirst() throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "inpaint", "--hole", "6", "--output", "y.npy", in: folder)
        try Command.succeed(
            "restore", "y.npy", "--problem", "inpaint", "--hole", "6", "--prior", "tiny.safetensors", "--max-evaluations", "20", "--output",
            "x.png", "--trace", "t.csv", in: folder)
        #expect(try unknownsOfTheTrace() == ["synthesis", "analysis"])
    }

    /// What the column `unknown` of t.csv says, each run of equals once.
    private func unknownsOfTheTrace() throws -> [String] {
        var seen: [String] = []
        for unknown in try column("unknown") where seen.last != unknown { seen.append(unknown) }
        return seen
    }

    /// A column of t.csv.
    private func column(_ name: String) throws -> [String] {
        let lines = String(decoding: try folder.bytes("t.csv"), as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
        let column = try #require(lines.first?.firstIndex(of: Substring(name)))
        return lines.dropFirst().map { String($0[column]) }
    }
}
