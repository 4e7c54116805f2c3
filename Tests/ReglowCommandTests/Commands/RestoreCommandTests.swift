import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow restore`.
@Suite struct RestoreCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

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
}
