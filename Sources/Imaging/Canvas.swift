import KernelInterface

/// A white RGB sheet to draw on. Rows and columns count from the top left; what falls outside is not drawn.
struct Canvas {
    private let shape: ImageShape
    private var pixels: [Float]

    /// - Throws: `ImageError` when the size is not one of an image.
    init(height: Int, width: Int) throws {
        shape = ImageShape(channels: 3, height: height, width: width)
        try Image.validate(shape)
        pixels = [Float](repeating: 1, count: shape.count)
    }

    func image() throws -> Image {
        try Image(shape: shape, pixels: pixels)
    }

    /// A rectangle of one grey level.
    mutating func fill(row: Int, column: Int, height: Int, width: Int, level: Float) {
        for channel in 0 ..< shape.channels {
            fill(channel: channel, row: row, column: column, height: height, width: width, level: level)
        }
    }

    /// `image`, each pixel as a square of `factor` x `factor`.
    mutating func draw(_ image: Image, factor: Int, row: Int, column: Int) throws {
        let source = try image.converted(toChannels: 3)
        for channel in 0 ..< 3 {
            for y in 0 ..< source.shape.height {
                for x in 0 ..< source.shape.width {
                    fill(
                        channel: channel, row: row + y * factor, column: column + x * factor, height: factor, width: factor,
                        level: source.pixels[(channel * source.shape.height + y) * source.shape.width + x])
                }
            }
        }
    }

    /// One line of text with its top left corner at (row, column).
    mutating func draw(_ text: String, scale: Int, level: Float, row: Int, column: Int) {
        BitmapFont.draw(text, scale: scale) { y, x in
            fill(row: row + y, column: column + x, height: scale, width: scale, level: level)
        }
    }

    private mutating func fill(channel: Int, row: Int, column: Int, height: Int, width: Int, level: Float) {
        let columns = max(0, column) ..< max(0, column, min(column + width, shape.width))
        for y in max(0, row) ..< max(0, row, min(row + height, shape.height)) {
            let start = (channel * shape.height + y) * shape.width
            for x in columns { pixels[start + x] = level }
        }
    }
}
