import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct RestoreReportTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

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
                ["restore", "y.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "4", "--tolerance", "0"]
                    + ["--output", "x.npy", "--json", "-", "--trace", "t.csv", "--truth", "u.png"] + options, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
            let report = try ending.json()
            return (report, try #require((report["results"] as? [[String: Any]])?.first))
        }
        let (plain, both) = (try restore([]), try restore(["--self-ensemble"]))
        #expect(plain.report["self_ensemble"] as? Bool == false)
        #expect(both.report["self_ensemble"] as? Bool == true)
        #expect(both.report["ensemble"] as? Int == 2)
        #expect(plain.result["mirrored_objective"] == nil)
        #expect(both.result["mirrored_objective"] as? Double != both.result["objective"] as? Double)
        #expect(both.result["objective"] as? Double == plain.result["objective"] as? Double)
        #expect(both.result["evaluations"] as? Int == 8)
        // The trace goes on to the second solve, and ends at the mean of both. A step of 0 begins in the latent, the image and its mirror image.
        #expect(try folder.column("step", of: "t.csv").count(where: { Double($0) == 0 }) == 3)
        #expect(try folder.column("evaluation", of: "t.csv").last == "8")
        #expect(try folder.column("psnr", of: "t.csv").compactMap { Double($0) }.last == both.result["psnr"] as? Double)
    }
}
