import Imaging
import TestSupport
import Testing

@Suite struct JPEGReapplicationTests {
    /// The pictures of the script are smooth ramps, which quality 95 keeps to within a few levels.
    private static let tolerance: Float = 4.0 / 255

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
