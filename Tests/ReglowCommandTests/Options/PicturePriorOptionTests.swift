import Foundation
import Reglow
import TestSupport
import Testing

/// Which prior a picture gets where nobody names one.
@Suite struct PicturePriorOptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [(64, 64, "faces64"), (64, 72, "noisy-photos"), (24, 16, "noisy-photos")])
    func thePriorFollowsTheSize(height: Int, width: Int, prior: String) throws {
        try folder.writePicture("u.png", height: height, width: width)
        let ending = try restore("u.png", output: "x.png")
        #expect(try ending.json()["prior"] as? String == prior)
        #expect(ending.messages.contains("--prior: \(prior), the prior for"))
    }

    @Test func eachPictureOfAFolderGetsItsOwn() throws {
        try folder.makeFolder("in")
        try folder.writePicture("in/face.png", height: 64, width: 64)
        try folder.writePicture("in/photo.png", height: 16, width: 40)
        let report = try restore("in", output: "out").json()
        let results = try #require(report["results"] as? [[String: Any]])
        #expect(results.map { $0["model"] as? String } == ["faces64", "noisy-photos"])
        #expect(report["prior"] as? String == "faces64, noisy-photos")
        #expect(try folder.contents("out") == ["face.png", "photo.png"])
    }

    /// What asks for a minimum, or how it is found, gets the prior for minima; what hides pixels or says where to begin does not.
    @Test(arguments: [
        (["--tolerance", "1e-3"], "photos"), (["--solver", "lbfgs"], "photos"), (["--lambda", "whiteness"], "photos"),
        (["--full-map"], "photos"), (["--start", "random"], "photos"), (["--mask", "m.png"], "noisy-photos"),
        (["--start", "u.png"], "noisy-photos"), (["--lambda", "1e-3"], "noisy-photos"),
    ])
    func whatAsksForAMinimumGetsIt(_ options: [String], prior: String) throws {
        try folder.writePicture("u.png", height: 16, width: 24)
        try ImageFile.write(Image(channels: 1, height: 16, width: 24) { row, _, _ in row < 8 ? 1 : 0 }, to: folder.file("m.png"))
        let ending = try Command.run(
            ["restore", "u.png", "--problem", "denoise", "--max-evaluations", "2", "--noise", "0.05", "--output", "x.npy", "--json", "-"]
                + options,
            in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try ending.json()["prior"] as? String == prior)
    }

    @Test func thePriorOfNoisyPicturesHasNoMinimum() throws {
        try folder.writePicture("u.png", height: 16, width: 24)
        try Command.fail(
            1, naming: ["u.png", "noisy-photos", "no search for lambda"],
            arguments: [
                "restore", "u.png", "--problem", "deblur", "--noise", "0.05", "--prior", "noisy-photos", "--solver", "lbfgs", "--output",
                "x.png",
            ],
            in: folder)
        #expect(try folder.contents() == ["u.png"])
    }

    /// The result is that of a call that names the prior.
    @Test func theChosenPriorIsTheNamedOne() throws {
        try folder.writePicture("u.png", height: 16, width: 24)
        _ = try restore("u.png", output: "chosen.npy")
        let named = try restore("u.png", output: "named.npy", "--prior", "noisy-photos")
        #expect(try folder.bytes("chosen.npy") == folder.bytes("named.npy"))
        #expect(!named.messages.contains("--prior"))
    }

    /// What enlarges to 64x64 is a face of 64x64: the image counts, not its measurement.
    @Test func theSizeIsThatOfTheImage() throws {
        try folder.writePicture("y.png", height: 32, width: 32)
        let ending = try Command.succeed(
            "restore", "y.png", "--problem", "superres", "--max-evaluations", "1", "--noise", "0.01", "--output", "x.png", "--json", "-",
            in: folder)
        #expect(try ending.json()["prior"] as? String == "faces64")
    }

    @Test func aPriorThatIsNoneIsTheFaultOfTheCall() throws {
        try folder.makeFolder("in")
        for name in ["a", "b"] { try folder.writePicture("in/\(name).png") }
        try Command.fail(
            1, naming: ["no-such-prior"],
            arguments: ["restore", "in", "--problem", "denoise", "--prior", "no-such-prior", "--output", "out"], in: folder)
        #expect(try folder.contents() == ["in"])
    }

    private func restore(_ input: String, output: String, _ options: String...) throws -> Command.Ending {
        let ending = try Command.run(
            ["restore", input, "--problem", "denoise", "--max-evaluations", "1", "--noise", "0.05", "--output", output, "--json", "-"]
                + options, in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        return ending
    }
}
