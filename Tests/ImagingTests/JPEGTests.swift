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
}
