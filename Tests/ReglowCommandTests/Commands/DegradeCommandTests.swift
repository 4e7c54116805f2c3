import Reglow
import TestSupport
import Testing

@Suite struct DegradeCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func anExactMeasurementIsTheOperatorsOwn() throws {
        let truth = try folder.writePicture("u.npy", height: 12, width: 20)
        try Command.succeed(
            "degrade", "u.npy", "--problem", "superres", "--scale", "4", "--noise", "0", "--output", "y.npy", in: folder)
        let expected = try Downsampling(imageShape: truth.shape, factor: 4).apply(truth.pixels)
        let measured = try folder.image("y.npy")
        #expect(measured.shape == ImageShape(channels: 3, height: 3, width: 5))
        #expect(measured.pixels == expected)
    }

    @Test func noiseHasTheDeviationAndTheSeed() throws {
        let truth = try folder.writePicture("u.npy", height: 48, width: 40)
        for (seed, output) in [("5", "a.npy"), ("5", "b.npy"), ("6", "c.npy")] {
            try Command.succeed(
                "degrade", "u.npy", "--problem", "denoise", "--noise", "0.05", "--seed", seed, "--output", output, in: folder)
        }
        #expect(try folder.bytes("a.npy") == folder.bytes("b.npy"))
        #expect(try folder.bytes("a.npy") != folder.bytes("c.npy"))
        let noise = zip(try folder.image("a.npy").pixels, truth.pixels).map { Double($0 - $1) }
        let deviation = (noise.reduce(0) { $0 + $1 * $1 } / Double(noise.count)).squareRoot()
        // 5760 samples: the standard error of the deviation is 0.05 / sqrt(2 * 5760) = 0.0005.
        #expect(abs(deviation - 0.05) < 0.003)
    }

    @Test func theMaskIsWhiteWhereObserved() throws {
        try folder.writePicture("u.png")
        try Command.succeed(
            "degrade", "u.png", "--problem", "inpaint", "--missing", "0.25", "--output", "y.npy", "--mask-output", "m.png",
            in: folder)
        let mask = try folder.image("m.png")
        let measured = try folder.image("y.npy")
        #expect(mask.shape == ImageShape(channels: 1, height: 16, width: 16))
        #expect(mask.pixels.filter { $0 == 0 }.count == 64)
        #expect(mask.pixels.filter { $0 == 1 }.count == 192)
        for (pixel, value) in mask.pixels.enumerated() { #expect((measured.pixels[pixel] == 0) == (value == 0)) }
    }

    @Test func compressiveMeasurementsAreOneRow() throws {
        try folder.writePicture("u.png", height: 8, width: 8)
        let ending = try Command.succeed(
            "degrade", "u.png", "--problem", "compressive", "--measurements", "50", "--output", "y.npy", "--json", "-", in: folder)
        #expect(try NumPyArray.read(folder.file("y.npy")).shape == [1, 50])
        #expect(try ending.json()["shape"] as? [Int] == [1, 1, 50])
    }

    @Test func aPointSpreadFromAFileIsScaledWithANote() throws {
        let truth = try folder.writePicture("u.npy")
        try NumPyArray(shape: [1, 3], values: [0, 0, 4]).write(to: folder.file("p.npy"))
        let ending = try Command.succeed(
            "degrade", "u.npy", "--problem", "deblur", "--point-spread", "p.npy", "--border", "periodic", "--noise", "0",
            "--output", "y.npy",
            in: folder)
        #expect(ending.messages.contains("p.npy: the point spread has the sum 4"))
        let measured = try folder.image("y.npy").pixels
        // An entry right of the centre moves light to the right by one pixel.
        for pixel in measured.indices {
            let left = pixel % 16 == 0 ? pixel + 15 : pixel - 1
            #expect(abs(measured[pixel] - truth.pixels[left]) < 1e-5)
        }
    }
}
