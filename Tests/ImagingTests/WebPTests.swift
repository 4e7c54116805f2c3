import Files
import Imaging
import TestSupport
import Testing

@Suite struct WebPTests {
    private func expected(channels: Int = 3) throws -> Image {
        try Image(channels: channels, height: 9, width: 11) { row, column, channel in
            Float(Fixture.sample(row, column, channel, bits: 8)) / 255
        }
    }

    @Test func readsWithoutLoss() throws {
        let decoded = try ImageFile.read(Fixture.path("lossless.webp"))
        #expect(largestDifference(decoded.image, try expected()) == 0)
        #expect(decoded.alpha == nil && decoded.metadata.profile.count == 132 && decoded.notes.isEmpty)
    }

    @Test func readsAlpha() throws {
        let decoded = try ImageFile.read(Fixture.path("alpha.webp"))
        #expect(largestDifference(decoded.image, try expected()) == 0)
        let alpha = try #require(decoded.alpha)
        #expect(alpha.pixels[13] == Float(Fixture.sample(1, 2, 3, bits: 8)) / 255)
    }

    @Test func readsWithLoss() throws {
        let ramps = try Image(channels: 3, height: 24, width: 40) { row, column, channel in
            Float([column * 6, row * 10, 128][channel]) / 255
        }
        #expect(largestDifference(try ImageFile.read(Fixture.path("lossy.webp")).image, ramps) < 40 / 255)
    }

    @Test func ofAnAnimationTheFirstFrame() throws {
        let decoded = try ImageFile.read(Fixture.path("animated.webp"))
        #expect(largestDifference(decoded.image, try expected()) == 0)
        #expect(decoded.notes == ["holds several pictures, of which the first is read"])
    }

    @Test(arguments: ["lossless.webp", "lossy.webp", "alpha.webp", "animated.webp"]) func truncationIsAnError(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try Fixture.bytes(name)
        for count in [13, 20, 30, bytes.count / 2] {
            #expect(!readFailure(try folder.file("cut.webp", holding: Array(bytes[..<count]))).isEmpty)
        }
    }
}
