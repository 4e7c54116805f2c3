import Imaging
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
        let (image, notes) = try ImageFile.read(Fixture.path(name))
        let expected = try Fixture.image(channels: channels, height: 24, width: 40) { row, column, channel in
            Float([column * 6, row * 10, 128][channel]) / 255
        }
        #expect(largestDifference(image, expected) <= Self.tolerance)
        #expect(notes.isEmpty)
    }

    @Test(arguments: ["rgb.jpg", "rgb-progressive.jpg", "grey.jpg"])
    func truncationIsAnError(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try Fixture.bytes(name)
        // Without its last two bytes, the end marker, every pixel is there and libjpeg still warns.
        for count in [3, 20, 200, bytes.count / 2, bytes.count - 40, bytes.count - 2] {
            let reason = try readFailure(folder.file("cut.jpg", Array(bytes[..<count])))
            #expect(reason.hasPrefix("cannot be decoded: "), "cut at \(count)")
        }
    }

    @Test func refusesCMYK() throws {
        #expect(try readFailure(Fixture.path("cmyk.jpg")).contains("CMYK"))
    }
}
