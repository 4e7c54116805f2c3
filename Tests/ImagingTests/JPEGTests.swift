import Imaging
import TestSupport
import Testing

@Suite struct JPEGTests {
    /// The pictures of the script are smooth ramps, which quality 95 keeps to within a few levels.
    private static let tolerance: Float = 4.0 / 255

    @Test(arguments: ["rgb.jpg", "rgb-progressive.jpg"])
    func readsColour(name: String) throws {
        try expectRamps(name, channels: 3)
    }

    @Test func readsGrey() throws {
        try expectRamps("grey.jpg", channels: 1)
    }

    private func expectRamps(_ name: String, channels: Int) throws {
        let decoded = try ImageFile.read(Fixture.path(name))
        let expected = try Image(channels: channels, height: 24, width: 40) { row, column, channel in
            Float([column * 6, row * 10, 128][channel]) / 255
        }
        #expect(largestDifference(decoded.image, expected) <= Self.tolerance)
        #expect(decoded.notes.isEmpty)
    }

    @Test(arguments: ["rgb.jpg", "rgb-progressive.jpg", "grey.jpg"])
    func truncationIsAnError(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try Fixture.bytes(name)
        for count in [3, 20, 200, bytes.count / 2, bytes.count - 40] {
            let reason = try readFailure(folder.file("cut.jpg", holding: Array(bytes[..<count])))
            #expect(reason.hasPrefix("cannot be decoded: "), "cut at \(count)")
        }
    }

    @Test(arguments: ["stray-bytes.jpg", "without-end.jpg", "bytes-behind-end.jpg"])
    func whatDoesNoHarmToThePixelsIsANote(name: String) throws {
        let decoded = try ImageFile.read(Fixture.path(name))
        #expect(largestDifference(decoded.image, try ImageFile.read(Fixture.path("rgb.jpg")).image) == 0)
        #expect(decoded.notes.count == (name == "bytes-behind-end.jpg" ? 0 : 1))
    }

    @Test func aProgressiveFileWithoutItsLastScansIsAnError() throws {
        let folder = try TemporaryFolder()
        let bytes = try Fixture.bytes("rgb-progressive.jpg")
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        #expect(scans.count > 3)
        for scan in scans.dropFirst() {
            #expect(try readFailure(folder.file("cut.jpg", holding: Array(bytes[..<scan]))).contains("parts of the picture are missing"))
        }
    }

    @Test func refusesCMYK() throws {
        #expect(try readFailure(Fixture.path("cmyk.jpg")).contains("CMYK"))
    }

    private func error(_ image: Image, _ truth: Image) -> Float {
        zip(image.pixels, truth.pixels).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(image.pixels.count)
    }

    /// Nearer to the ramps than the file is, without having seen them.
    @Test func reapplicationTakesNoiseAway() throws {
        let image = try ImageFile.read(Fixture.path("rgb.jpg")).image
        let truth = try Image(channels: 3, height: 24, width: 40) { row, column, channel in
            Float([column * 6, row * 10, 128][channel]) / 255
        }
        let cleaned = try JPEGReapplication.applied(to: image, quality: 95, path: "rgb.jpg")
        #expect(error(cleaned, truth) < 0.7 * error(image, truth))
        #expect(largestDifference(cleaned, image) <= Self.tolerance)
    }

    /// What has no noise stays; pictures smaller than a block are mirrored as often as it takes.
    @Test(arguments: [(1, 1), (3, 70), (8, 8), (17, 9)]) func reapplicationKeepsFlatImagesOfAnySize(height: Int, width: Int) throws {
        for channels in [1, 3] {
            let flat = try Image(channels: channels, height: height, width: width) { _, _, _ in 120.0 / 255 }
            #expect(largestDifference(try JPEGReapplication.applied(to: flat, quality: 90, path: "flat"), flat) < 1e-5)
        }
    }

    /// Detail above the steps of the quantization stays where it is.
    @Test func reapplicationKeepsPlaces() throws {
        let dot = try Image(channels: 3, height: 21, width: 30) { row, column, _ in row == 4 && column == 19 ? 1 : 0.2 }
        let cleaned = try JPEGReapplication.applied(to: dot, quality: 95, path: "dot")
        #expect(largestDifference(cleaned, dot) <= 6.0 / 255)
    }
}
