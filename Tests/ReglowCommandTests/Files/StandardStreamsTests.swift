import Foundation
import Reglow
import TestSupport
import Testing

/// `-` is standard input and standard output; and names are any bytes. Both through a shell, as a user has them.
@Suite struct StandardStreamsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("y.png")
    }

    @Test(arguments: [("png", ImageFormat.png), ("tiff", .tiff), ("npy", .numPy)])
    func anImagePassesThrough(format: String, expected: ImageFormat) throws {
        let ending = try Command.shell(
            "\"$R\" restore - $O --output - --format \(format) <y.png >x; \"$R\" restore y.png $O --output x.\(format)", in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try folder.bytes("x") == folder.bytes("x.\(format)"))
        #expect(try ImageFile.read(folder.file("x")).metadata.format == expected)
    }

    @Test func commandsAreAPipe() throws {
        let ending = try Command.shell(
            "set -o pipefail; \"$R\" degrade y.png --problem denoise --noise 0.05 --output - --format npy"
                + " | \"$R\" restore - $O --output - | \"$R\" evaluate y.png - --json q.json", in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try #require(try folder.json("q.json")["psnr"] as? Double) > 10)
    }

    @Test func masksAndTruthsMayComeFromStandardInput() throws {
        try folder.writePicture("m.png", channels: 1)
        let mask = try Command.shell(
            "\"$R\" restore y.png --problem inpaint --mask - --prior tiny.safetensors --max-evaluations 2 --output x.png <m.png", in: folder
        )
        #expect(mask.status == 0, "\(mask.messages)")
        let truth = try Command.shell("\"$R\" restore y.png $O --truth - --output x.png <y.png", in: folder)
        #expect(truth.status == 0 && truth.output.contains("PSNR"), "\(truth.messages)")
    }

    @Test(arguments: [
        ("restore - $O --output - --json -", "standard output"), ("restore - $O --truth - --output x.png", "standard input"),
        ("evaluate - -", "standard input"), ("restore y.png y.png $O --output -", "--output -"),
        ("degrade y.png --problem compressive --measurements 9 --output -", "--format npy"),
    ])
    func oneStreamHasOneUse(arguments: String, words: String) throws {
        let ending = try Command.shell("\"$R\" \(arguments) <y.png", in: folder)
        #expect(ending.status == 64 && ending.errors.first?.contains(words) == true, "\(ending.messages)")
        #expect(ending.output.isEmpty)
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let empty = try Command.shell("\"$R\" restore - $O --output - </dev/null", in: folder)
        #expect(empty.status == 1 && empty.errors.first?.contains("standard input: the file is empty") == true, "\(empty.messages)")
        #expect(empty.output.isEmpty)
        let full = try Command.shell("\"$R\" restore - $O --output - <y.png >/dev/full", in: folder)
        #expect(full.status == 1 && full.errors.first?.contains("No space") == true, "\(full.messages)")
        // A file of that name has a folder before it.
        #expect(try Command.shell("cp y.png ./-; \"$R\" restore ./- $O --output x.png", in: folder).status == 0)
    }
}
