import Imaging
import Testing

@Suite struct ColourScaleTests {
    /// The largest number is the brightest, 0 the darkest, and the bar beside the map has both ends.
    @Test func brighterIsMore() throws {
        let numbers = try Image(channels: 1, height: 4, width: 3) { row, column, _ in Float(row * 3 + column) / 11 * 0.2 }
        let (picture, largest) = try ColourMap(numbers, title: "deviation").rendered()
        #expect(abs(largest - 0.2) < 1e-6)
        func brightness(_ row: Int, _ column: Int) -> Float {
            let (height, width) = (picture.shape.height, picture.shape.width)
            let (red, green, blue) = (
                picture.pixels[row * width + column], picture.pixels[(height + row) * width + column],
                picture.pixels[(2 * height + row) * width + column]
            )
            return 0.3 * red + 0.59 * green + 0.11 * blue
        }
        // Pixels of the map are squares of 64, below a margin and a line of text.
        let top = picture.shape.height - 12 - 4 * 64
        let found = (0 ..< 12).map { brightness(top + 64 * ($0 / 3) + 32, 12 + 64 * ($0 % 3) + 32) }
        #expect(found == found.sorted() && Set(found).count == 12)
        let bar = 12 + 3 * 64 + 12 + 9
        #expect(brightness(top, bar) == found[11] && brightness(top + 4 * 64 - 1, bar) == found[0])
    }

    /// Numbers that are all 0 make a dark map, and three channels are shown by their root mean square.
    @Test func theEnds() throws {
        #expect(try ColourMap(try Image(channels: 3, height: 2, width: 2) { _, _, _ in 0 }, title: "").rendered().largest == 0)
        let image = try Image(channels: 3, height: 1, width: 1) { _, _, channel in channel == 0 ? 0.3 : 0 }
        #expect(abs(try ColourMap(image, title: "").rendered().largest - 0.3 / Float(3).squareRoot()) < 1e-6)
    }
}
