import KernelInterface

/// Colours for numbers from 0 to 1: from black over violet, red and yellow to white, each brighter than the one before, so that a
/// print without colours keeps the order.
package enum ColourScale {
    /// The colours at equal distances, from that of 0 to that of 1.
    package static let stops: [(red: Float, green: Float, blue: Float)] = [
        (0.00, 0.00, 0.02), (0.22, 0.06, 0.42), (0.55, 0.14, 0.45), (0.84, 0.29, 0.28), (0.97, 0.57, 0.14), (0.98, 0.86, 0.40),
        (1.00, 1.00, 0.92),
    ]

    /// The colour of a number; those below 0, above 1 and NaN have that of the nearest end.
    package static func colour(_ value: Float) -> (red: Float, green: Float, blue: Float) {
        let place = (value > 0 ? min(value, 1) : 0) * Float(stops.count - 1)
        let below = min(Int(place), stops.count - 2)
        let part = place - Float(below)
        let (a, b) = (stops[below], stops[below + 1])
        func mixed(_ from: Float, _ to: Float) -> Float { from + part * (to - from) }
        return (mixed(a.red, b.red), mixed(a.green, b.green), mixed(a.blue, b.blue))
    }
}

/// A picture of one number for each pixel, in colours, with a bar beside it that tells which colour is which number.
package struct ColourMap: Sendable {
    private let image: Image
    private let title: String

    /// The shortest side of the map in the picture, up to the next multiple of the pixels.
    private static let leastHeight = 256
    private static let (margin, barWidth, textScale) = (12, 18, 1)

    /// - Parameters:
    ///   - image: numbers that are not negative; of several channels their root mean square is shown.
    ///   - title: one line above the map.
    package init(_ image: Image, title: String) { (self.image, self.title) = (image, title) }

    /// The picture, and the number that has the brightest colour.
    ///
    /// - Throws: `ImageError` when it would be larger than `Image.maximumPixels`.
    package func rendered() throws -> (picture: Image, largest: Float) {
        let shape = image.shape
        let values = (0 ..< shape.pixels).map { pixel in
            let squares = (0 ..< shape.channels).reduce(Float(0)) {
                let value = image.pixels[$1 * shape.pixels + pixel]
                return $0 + value * value
            }
            return (squares / Float(shape.channels)).squareRoot()
        }
        let largest = values.reduce(0, max)
        let factor = max(1, (Self.leastHeight + shape.height - 1) / shape.height)
        let (height, width) = (factor * shape.height, factor * shape.width)
        let top = 2 * Self.margin + BitmapFont.height * Self.textScale
        let labels = (0 ... 4).map { "\((Float($0) / 4 * largest).rounded(toDigits: 4))" }
        let labelWidth = labels.map { BitmapFont.width(of: $0, scale: Self.textScale) }.max() ?? 0
        let barLeft = 2 * Self.margin + width
        let sheetWidth = max(
            barLeft + Self.barWidth + Self.margin / 2 + labelWidth + Self.margin,
            2 * Self.margin + BitmapFont.width(of: title, scale: Self.textScale))
        var canvas = try Canvas(height: top + height + Self.margin, width: sheetWidth)
        canvas.draw(title, scale: Self.textScale, level: 0.1, row: Self.margin, column: Self.margin)
        let scaled = largest > 0 ? values.map { $0 / largest } : values
        try canvas.draw(
            Self.coloured(scaled, height: shape.height, width: shape.width), factor: factor, row: top, column: Self.margin)
        let bar = (0 ..< height).flatMap { row in
            [Float](repeating: 1 - Float(row) / Float(max(1, height - 1)), count: Self.barWidth)
        }
        try canvas.draw(Self.coloured(bar, height: height, width: Self.barWidth), factor: 1, row: top, column: barLeft)
        for (number, label) in labels.enumerated() {
            let middle = top + (height - 1) * (labels.count - 1 - number) / (labels.count - 1)
            let row = min(max(middle - BitmapFont.height / 2, top), top + height - BitmapFont.height)
            canvas.draw(label, scale: Self.textScale, level: 0.1, row: row, column: barLeft + Self.barWidth + Self.margin / 2)
        }
        return (try canvas.image(), largest)
    }

    private static func coloured(_ values: [Float], height: Int, width: Int) throws -> Image {
        let count = height * width
        var pixels = [Float](repeating: 0, count: 3 * count)
        for (index, value) in values.enumerated() {
            (pixels[index], pixels[count + index], pixels[2 * count + index]) = ColourScale.colour(value)
        }
        return try Image(shape: ImageShape(channels: 3, height: height, width: width), pixels: pixels)
    }
}

extension Float {
    /// Text with this many digits after the point.
    fileprivate func rounded(toDigits digits: Int) -> String {
        let power = (0 ..< digits).reduce(1) { power, _ in power * 10 }
        let whole = Int((Double(self) * Double(power)).rounded())
        let rest = String(whole % power)
        return "\(whole / power)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
