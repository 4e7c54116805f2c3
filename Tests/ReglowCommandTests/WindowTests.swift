import Foundation
import Reglow
import TestSupport
import Testing

/// Measurements that are windows of a larger scene: `--border unknown`.
@Suite struct WindowTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    private func restored(_ arguments: [String], prior: String = "tiny.safetensors") throws -> (ending: Command.Ending, psnr: Double) {
        let ending = try Command.run(
            ["restore", "y.npy", "--prior", prior, "--output", "x.npy", "--json", "-"] + arguments, in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        let result = try #require((try ending.json()["results"] as? [[String: Any]])?.first)
        return (ending, try #require(result["psnr"] as? Double))
    }

    private func cropped(_ image: Image, _ top: Int, _ left: Int, _ height: Int, _ width: Int) throws -> Image {
        let cropping = try Cropping(canvas: image.shape, top: top, left: left, height: height, width: width)
        return try Image(shape: cropping.measurementShape, pixels: try cropping.apply(image.pixels))
    }

    /// A blurred photograph is a window of a larger scene: the default must be better than what a border can be told to be.
    @Test func aPhotographIsRestoredBestByDefault() throws {
        for name in ["window.npy", "truth.npy"] {
            try folder.file(name, holding: try FileBytes.read(PackageFolder.path("Tests/ReglowCommandTests/Cases/border/\(name)")))
        }
        try folder.file("y.npy", holding: try folder.bytes("window.npy"))
        let problem = ["--problem", "deblur", "--point-spread", "gaussian:2", "--noise", "0.01", "--truth", "truth.npy"]
        let byDefault = try restored(problem, prior: "photos").psnr
        for border in Border.allCases where border != .unknown {
            #expect(try restored(problem + ["--border", border.rawValue], prior: "photos").psnr < byDefault, "\(border)")
        }
        let before = try Command.succeed("evaluate", "truth.npy", "window.npy", "--json", "-", in: folder).json()
        #expect(try #require(before["psnr"] as? Double) < byDefault - 1)
    }

    @Test(arguments: [("uniform:5", 2, 2, 4, 4), ("uniform:4", 1, 1, 3, 3), ("motion:7@0", 0, 3, 0, 6)])
    func degradeKeepsWhatDependsOnTheTruthAlone(_ spread: String, top: Int, left: Int, rows: Int, columns: Int) throws {
        try folder.writePicture("u.npy", height: 15, width: 21)
        for border in ["unknown", "reflect"] {
            try Command.succeed(
                "degrade", "u.npy", "--problem", "deblur", "--point-spread", spread, "--border", border, "--noise", "0", "--output",
                "\(border).npy", in: folder)
        }
        let window = try folder.image("unknown.npy")
        #expect(window.shape == ImageShape(channels: 3, height: 15 - rows, width: 21 - columns))
        let middle = try cropped(try folder.image("reflect.npy"), top, left, window.shape.height, window.shape.width)
        #expect(zip(window.pixels, middle.pixels).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    /// The truth may be the scene or the part of it that is restored; the result has the size of the window.
    @Test(arguments: [
        ["deblur", "--point-spread", "uniform:5"], ["deblur", "--point-spread", "uniform:4"],
        ["deblur", "--point-spread", "motion:9@30", "--self-ensemble"], ["superres", "--filter", "bicubic"],
        ["superres", "--scale", "3", "--filter", "lanczos3"], ["superres", "--filter", "gaussian:1.2"],
        ["superres", "--filter", "triangle"],
    ])
    func aWindowIsComparedWithTheMiddleOfTheTruth(_ problem: [String]) throws {
        let truth = try folder.writePicture("u.npy", height: 31, width: 26)
        let own = problem.filter { $0 != "--self-ensemble" }
        let degrade = try Command.run(
            ["degrade", "u.npy", "--border", "unknown", "--output", "y.npy", "--problem"] + own, in: folder)
        #expect(degrade.status == 0, "\(degrade.messages)")
        let restore = ["--max-evaluations", "12", "--problem"] + problem
        let whole = try restored(restore + ["--truth", "u.npy"])
        #expect(whole.ending.messages.contains("u.npy: is 31x26; compared is its middle"))
        #expect(String(describing: try whole.ending.json()["notes"] ?? "").contains("compared is its middle"))
        let shape = try folder.image("x.npy").shape
        let (rows, columns) = (31 - shape.height, 26 - shape.width)
        try ImageFile.write(try cropped(truth, rows / 2, columns / 2, shape.height, shape.width), to: folder.file("middle.npy"))
        let part = try restored(restore + ["--truth", "middle.npy"])
        #expect(part.psnr == whole.psnr)
        #expect(!part.ending.messages.contains("compared"))
        // Of another scene.
        try ImageFile.write(try cropped(truth, 0, 0, shape.height + 1, shape.width + columns), to: folder.file("other.npy"))
        try Command.fail(
            1, naming: ["other.npy", "\(shape.height)x\(shape.width)"],
            arguments: ["restore", "y.npy", "--prior", "tiny.safetensors", "--output", "z.npy", "--truth", "other.npy"] + restore,
            in: folder)

        let evaluated = try Command.succeed(
            "evaluate", "u.npy", "x.npy", "--surroundings", "\(rows)x\(columns)", "--json", "-", in: folder)
        let clipped = try Image(shape: shape, pixels: try folder.image("x.npy").pixels.map { min(max($0, 0), 1) })
        try ImageFile.write(clipped, to: folder.file("clipped.npy"))
        let same = try Command.succeed("evaluate", "middle.npy", "clipped.npy", "--json", "-", in: folder).json()
        #expect(abs(try #require(same["psnr"] as? Double) - whole.psnr) < 1e-6)
        #expect(evaluated.messages.contains("u.npy: is 31x26"))
    }

    @Test func evaluateRefusesWhatIsNoWindow() throws {
        try folder.writePicture("u.png", height: 20, width: 20)
        for (height, width) in [(16, 20), (16, 12)] {
            try folder.writePicture("x.png", height: height, width: width)
            #expect(try Command.succeed("evaluate", "u.png", "x.png", in: folder).messages.contains("compared is its middle"))
        }
        // Smaller than the image in one way, larger by an odd number, of half the size.
        for (height, width) in [(22, 20), (16, 22), (19, 20), (17, 17), (10, 10)] {
            try folder.writePicture("x.png", height: height, width: width)
            try Command.fail(1, naming: ["x.png", "20x20"], arguments: ["evaluate", "u.png", "x.png"], in: folder)
        }
        try folder.writePicture("x.png", height: 17, width: 17)
        try Command.succeed("evaluate", "u.png", "x.png", "--surroundings", "3x3", in: folder)
        try Command.fail(1, naming: ["x.png", "4x4"], arguments: ["evaluate", "u.png", "x.png", "--surroundings", "4x4"], in: folder)
        for size in ["-1x3", "3", "x", ""] {
            try Command.fail(
                64, naming: ["--surroundings"], arguments: ["evaluate", "u.png", "x.png", "--surroundings", size], in: folder)
        }
    }

    /// Images of one pixel and more, smaller than the point spread reaches.
    @Test(arguments: [(1, 1), (3, 5), (1, 17)])
    func thePointSpreadMayBeLargerThanTheImage(height: Int, width: Int) throws {
        try folder.writePicture("y.npy", height: height, width: width)
        _ = try Command.succeed(
            "restore", "y.npy", "--problem", "deblur", "--point-spread", "gaussian:2", "--prior", "tiny.safetensors", "--max-evaluations",
            "9",
            "--output", "x.npy", in: folder)
        #expect(try folder.image("x.npy").shape == ImageShape(channels: 3, height: height, width: width))
        #expect(try folder.image("x.npy").pixels.allSatisfy { $0.isFinite })
        try Command.fail(
            1, naming: ["y.npy", "17x17"],
            arguments: [
                "degrade", "y.npy", "--problem", "deblur", "--point-spread", "gaussian:2", "--border", "unknown", "--output", "z.npy",
            ], in: folder)
    }

    @Test func bordersAndFiltersAreForTheirProblems() throws {
        try folder.writePicture("u.png")
        func degrade(_ options: String...) -> [String] { ["degrade", "u.png", "--output", "y.npy", "--problem"] + options }
        try Command.fail(64, naming: ["--border"], arguments: degrade("superres", "--border", "unknown"), in: folder)
        try Command.fail(64, naming: ["--border"], arguments: degrade("denoise", "--border", "unknown"), in: folder)
        try Command.fail(64, naming: ["--filter"], arguments: degrade("deblur", "--filter", "bicubic"), in: folder)
        for filter in ["cubic", "gaussian:", "gaussian:0", "gaussian:nan"] {
            try Command.fail(64, naming: ["--filter"], arguments: degrade("superres", "--filter", filter), in: folder)
        }
        #expect(try Command.run(degrade("superres", "--filter", "mean"), in: folder).status == 0)
        let mean = try folder.bytes("y.npy")
        #expect(try Command.run(degrade("superres"), in: folder).status == 0)
        #expect(try folder.bytes("y.npy") == mean)
    }

    @Test func theTableHasARowForWindows() throws {
        try folder.writePicture("a.png", height: 24, width: 28)
        let ending = try Command.succeed(
            "table", "a.png", "--prior", "tiny.safetensors", "--solver", "auto", "--max-evaluations", "4", "--problem", "deblur-window",
            "--measurements-output", "y", "--json", "-", in: folder)
        let row = try #require((try ending.json()["rows"] as? [[String: Any]])?.first)
        #expect(row["problem"] as? String == "deblur-window")
        #expect(try folder.image("y/deblur-window/a.npy").shape == ImageShape(channels: 3, height: 20, width: 24))
        try Command.succeed(
            "demo", "a.png", "--prior", "tiny.safetensors", "--solver", "auto", "--max-evaluations", "4", "--problem", "deblur-window",
            "--output", "d", in: folder)
        #expect(try folder.image("d/deblur-window-auto.png").shape == ImageShape(channels: 3, height: 20, width: 24))
    }
}
