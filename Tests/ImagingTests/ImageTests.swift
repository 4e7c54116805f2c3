import Imaging
import KernelInterface
import TestSupport
import Testing

@Suite struct ImageTests {
    @Test func holdsWhatItsShapeSays() throws {
        let shape = ImageShape(channels: 3, height: 2, width: 2)
        let error = #expect(throws: ImageError.self) { try Image(shape: shape, pixels: [1, 2]) }
        #expect(error?.description == "an image of shape 3x2x2 has 12 values, not 2")
        let image = try Image(shape: shape, pixels: [Float](repeating: -2, count: 12))
        #expect(image.pixels == [Float](repeating: -2, count: 12))
    }

    @Test func refusesShapesThatAreNotImages() {
        let cases: [(Int, Int, Int, ImageError)] = [
            (2, 1, 1, .channels(2)), (0, 1, 1, .channels(0)), (1, 0, 0, .empty(height: 0, width: 0)),
            (1, -1, -1, .empty(height: -1, width: -1)), (3, Int.max, 2, .tooLarge(height: Int.max, width: 2)),
            (1, 1, 1 << 29, .tooLarge(height: 1, width: 1 << 29)),
        ]
        for (channels, height, width, expected) in cases {
            let shape = ImageShape(channels: channels, height: height, width: width)
            #expect(throws: expected) { try Image(shape: shape, pixels: []) }
        }
    }

    @Test func convertsBetweenGreyAndRGB() throws {
        let grey = try Image(channels: 1, height: 2, width: 3) { row, column, _ in Float(row) - 0.3 * Float(column) }
        let colour = try grey.converted(toChannels: 3)
        #expect(colour.shape == ImageShape(channels: 3, height: 2, width: 3))
        #expect(colour.pixels == grey.pixels + grey.pixels + grey.pixels)
        for (value, original) in zip(try colour.converted(toChannels: 1).pixels, grey.pixels) {
            #expect(abs(value - original) <= 1e-6)
        }
        let primaries = try Image(channels: 3, height: 1, width: 3) { _, column, channel in column == channel ? 1 : 0 }
        #expect(try primaries.converted(toChannels: 1).pixels == [0.2126, 0.7152, 0.0722])
        #expect(throws: ImageError.channels(4)) { try grey.converted(toChannels: 4) }
    }
}
