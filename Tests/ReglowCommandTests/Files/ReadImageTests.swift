import Foundation
import Reglow
import TestSupport
import Testing

/// Files as cameras, scanners and NumPy write them, through the command.
@Suite struct ReadImageTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    private func fixture(_ name: String) -> String { PackageFolder.path("Tests/ReglowCommandTests/Cases/files/" + name) }

    private func imaging(_ name: String) -> String { PackageFolder.path("Tests/ImagingTests/Fixtures/" + name) }

    private func restore(_ input: String, _ output: String, _ more: String..., problem: String = "denoise") throws -> Command.Ending {
        try Command.run(
            [
                "restore", input, "--problem", problem, "--prior", "tiny.safetensors", "--noise", "0.02", "--max-evaluations", "2",
                "--output", output,
            ] + more,
            in: folder)
    }

    private func succeed(_ input: String, _ output: String, problem: String = "denoise") throws -> (image: DecodedImage, messages: String) {
        let ending = try restore(input, output, problem: problem)
        #expect(ending.status == 0, "\(ending.messages)")
        return (try ImageFile.read(folder.file(output)), ending.messages)
    }

    @Test(arguments: ["portrait.jpg"]) func aPhotographOfAnUprightCameraStandsUpright(name: String) throws {
        let (picture, messages) = try succeed(fixture(name), "x.png")
        #expect(picture.image.shape == ImageShape(channels: 3, height: 64, width: 48))
        #expect(messages.contains("portrait.jpg: turned upright, as its orientation 6 says"))
        // What was made of it is not turned again.
        #expect(picture.notes.isEmpty)
    }

    @Test func aColourProfileIsCarriedThrough() throws {
        let input = try ImageFile.read(fixture("icc.png"))
        #expect(!input.metadata.profile.isEmpty)
        for output in ["x.png", "x.tif"] {
            #expect(try succeed(fixture("icc.png"), output).image.metadata.profile == input.metadata.profile)
        }
        let array = try restore(fixture("icc.png"), "x.npy")
        #expect(array.status == 0 && array.messages.contains("colour profile of the input: not in a NumPy file"), "\(array.messages)")
    }

    @Test func allThatAFileSaysIsCarriedThrough() throws {
        let input = try ImageFile.read(imaging("all-metadata16.png"))
        let (picture, messages) = try succeed(imaging("all-metadata16.png"), "x.png")
        #expect(picture.metadata == input.metadata && picture.metadata.depth == .sixteen)
        // A picture of random pixels is told to be one.
        let notes = messages.split(separator: "\n").filter { $0.contains("note:") && !$0.contains(": trust: ") }
        #expect(notes.isEmpty, "\(messages)")
        // Twice the pixels on the same paper.
        let larger = try succeed(imaging("all-metadata16.png"), "large.png", problem: "superres").image
        #expect(larger.metadata.resolution?.horizontal == 23622)
    }

    @Test func aGreyFileWithAProfileForColoursGivesAValidFile() throws {
        let (picture, messages) = try succeed(imaging("grey-with-rgb-profile.png"), "x.png")
        #expect(picture.image.shape.channels == 1 && picture.notes.isEmpty && picture.metadata.profile.isEmpty)
        #expect(messages.contains("colour profile"))
    }

    @Test(arguments: [("rgb-alpha16.png", SampleDepth.sixteen), ("grey-alpha8.png", .eight), ("alpha.webp", .eight), ("rgba8.tif", .eight)])
    func transparencyAndDepthAreKept(name: String, depth: SampleDepth) throws {
        let input = try ImageFile.read(imaging(name))
        for output in ["x.png", "x.tif"] {
            let (picture, messages) = try succeed(imaging(name), output)
            #expect(picture.alpha == input.alpha && picture.alpha != nil)
            #expect(picture.metadata.depth == depth)
            #expect(messages.contains("alpha channel is kept"))
        }
        #expect(try restore(imaging(name), "x.npy").messages.contains("alpha channel"))
    }

    @Test func strayBytesOfAJPEGAreANote() throws {
        try Command.succeed("degrade", fixture("good.jpg"), "--problem", "denoise", "--noise", "0", "--output", "good.npy", in: folder)
        let ending = try Command.succeed(
            "degrade", fixture("extraneous.jpg"), "--problem", "denoise", "--noise", "0", "--output", "z.npy", "--json", "-", in: folder)
        #expect(try folder.bytes("z.npy") == folder.bytes("good.npy"))
        let notes = try #require(try ending.json()["notes"] as? [[String: String]])
        #expect(notes.count == 1 && notes[0]["text"]?.contains("decoder warns") == true)
        for (name, word) in [("truncated.jpg", "premature end"), ("cmyk.jpg", "CMYK")] {
            let failed = try restore(fixture(name), "x.png")
            #expect(failed.status == 1 && failed.errors.count == 1 && failed.errors[0].contains(word), "\(failed.messages)")
        }
    }

    @Test func arraysOfAnyByteOrderAreEqual() throws {
        for name in ["little", "big-endian", "fortran"] {
            try Command.succeed(
                "degrade", fixture(name + ".npy"), "--problem", "denoise", "--noise", "0", "--output", name + ".npy", in: folder)
        }
        #expect(try folder.bytes("big-endian.npy") == folder.bytes("little.npy"))
        #expect(try folder.bytes("fortran.npy") == folder.bytes("little.npy"))
    }

    @Test func anArrayOnAnotherScaleIsRefusedOrRead() throws {
        let array = fixture("y-0to255.npy")
        for arguments in [
            ["restore", array, "--prior", "tiny.safetensors", "--output", "x.png"], ["degrade", array, "--output", "x.png"],
        ] {
            try Command.fail(1, naming: ["y-0to255.npy", "--range 255"], arguments: arguments + ["--problem", "denoise"], in: folder)
        }
        try Command.fail(1, naming: ["--range 255"], arguments: ["evaluate", array, array], in: folder)
        try Command.fail(64, naming: ["--range", "0.0"], arguments: ["evaluate", array, array, "--range", "0"], in: folder)
        #expect(try folder.contents() == ["tiny.safetensors"])

        let ending = try restore(array, "x.npy", "--range", "255", "--truth", array)
        #expect(ending.status == 0 && ending.output.contains("PSNR"), "\(ending.messages)")
        let restored = try NumPyArray.read(folder.file("x.npy")).values
        #expect(try #require(restored.max()) > 100)
        let quality = try Command.succeed("evaluate", array, "x.npy", "--range", "255", "--json", "-", in: folder)
        #expect(try #require(try quality.json()["psnr"] as? Double) > 10)
    }

    @Test func theMaskAndThePointSpreadHaveScalesOfTheirOwn() throws {
        try folder.writePicture("y.png")
        try NumPyArray(shape: [16, 16], values: (0 ..< 256).map { $0 % 7 == 0 ? 0 : 255 }).write(to: folder.file("m.npy"))
        try NumPyArray(shape: [3, 3], values: [0, 40, 0, 40, 500, 40, 0, 40, 0]).write(to: folder.file("p.npy"))
        let mask = try restore("y.png", "x.png", "--mask", "m.npy", problem: "inpaint")
        #expect(mask.status == 0, "\(mask.messages)")
        let pointSpread = try restore("y.png", "x.png", "--point-spread", "p.npy", problem: "deblur")
        #expect(pointSpread.status == 0, "\(pointSpread.messages)")
    }

    @Test(arguments: ["25", "1.5", "12.5", "255"]) func noiseOnTheScaleOfBytesIsRefusedWithAHint(noise: String) throws {
        try folder.writePicture("y.png")
        for command in [["restore", "y.png", "--prior", "tiny.safetensors"], ["degrade", "y.png"]] {
            try Command.fail(
                64, naming: ["--noise", "--noise \(noise)/255"],
                arguments: command + ["--problem", "denoise", "--output", "x.png", "--noise", noise], in: folder)
        }
    }

    @Test func noiseMayBeAFraction() throws {
        try folder.writePicture("y.png")
        let ending = try restore("y.png", "x.png", "--noise", "25/255", "--json", "-")
        #expect(abs(try #require(try ending.json()["noise"] as? Double) - 25.0 / 255) < 1e-12)
        for text in ["25/0", "/", "a/b", "1/2/3"] { #expect(try restore("y.png", "x.png", "--noise", text).status == 64) }
    }

    @Test(arguments: ["palette4.png", "palette8.png", "bilevel.png", "interlaced-rgb.png", "interlaced-grey16.png", "d.webp", "e.tif"])
    func otherKindsAreRead(name: String) throws {
        let input = try ImageFile.read(fixture(name))
        let (picture, _) = try succeed(fixture(name), "x.png")
        #expect(picture.image.shape == input.image.shape)
        #expect(picture.metadata.depth == input.metadata.depth)
    }

    @Test func aFolderOfAllFormatsIsRestored() throws {
        try folder.makeFolder("y")
        for name in ["a.png", "d.webp", "e.tif", "good.jpg"] { try folder.file("y/" + name, holding: FileBytes.read(fixture(name))) }
        try folder.file("y/page.png", holding: "<html></html>".utf8)
        let ending = try restore("y", "out")
        #expect(ending.status == 1 && ending.errors.first?.contains("HTML") == true, "\(ending.messages)")
        #expect(try folder.contents("out") == ["a.png", "d.png", "e.png", "good.png"])
        #expect(try restore("y/e.tif", "tiffs/", "--format", "tiff").status == 0)
        #expect(try folder.contents("tiffs") == ["e.tif"])
    }

    @Test func aWrongEndingIsTold() throws {
        try folder.file("photo.png", holding: FileBytes.read(fixture("good.jpg")))
        #expect(try succeed("photo.png", "x.png").messages.contains("photo.png: is a JPEG file, although its name ends in .png"))
    }
}
