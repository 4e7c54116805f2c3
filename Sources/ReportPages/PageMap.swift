import Imaging
import KernelInterface

/// Numbers from 0 up in the colours of `ColourScale`, a pixel each.
package struct PageMap {
    /// What is as bright as can be; more is as bright.
    package let largest: Float
    /// The picture.
    package let image: Image

    /// The same colours as CSS.
    static let gradient: String = {
        let colours = ColourScale.stops.map { stop in
            "rgb(" + [stop.red, stop.green, stop.blue].map { "\(Int(255 * $0 + 0.5))" }.joined(separator: ",") + ")"
        }
        return "linear-gradient(90deg,\(colours.joined(separator: ",")))"
    }()

    /// Numbers above this part of all are as bright as can be: a few do not darken the rest.
    private static let shownPart = 0.995

    /// - Parameter values: one for each pixel, rows after rows, at least 0; what is not finite is 0.
    /// - Throws: `ImageError` when they do not fill the size.
    package init(_ values: [Float], height: Int, width: Int) throws {
        let sorted = values.filter(\.isFinite).sorted()
        let place = Int(Double(sorted.count - 1) * Self.shownPart)
        let quantile = sorted.indices.contains(place) ? sorted[place] : 0
        let largest = quantile > 0 ? quantile : max(sorted.last ?? 0, .leastNormalMagnitude)
        self.largest = largest
        var pixels = [Float](repeating: 0, count: 3 * values.count)
        for (index, value) in values.enumerated() {
            let colour = ColourScale.colour(value.isFinite ? value / largest : 0)
            (pixels[index], pixels[values.count + index], pixels[2 * values.count + index]) = colour
        }
        image = try Image(shape: ImageShape(channels: 3, height: height, width: width), pixels: pixels)
    }

    /// How far two images of one shape are apart at each pixel: the mean of their absolute differences over the channels.
    ///
    /// - Throws: `ImageError` when the shapes differ.
    package static func difference(_ a: Image, _ b: Image) throws -> [Float] {
        guard a.shape == b.shape else { throw ImageError.wrongCount(a.shape, count: b.pixels.count) }
        let (channels, plane) = (a.shape.channels, a.shape.pixels)
        return (0 ..< plane).map { pixel in
            let sum = (0 ..< channels).reduce(Float(0)) { $0 + abs(a.pixels[$1 * plane + pixel] - b.pixels[$1 * plane + pixel]) }
            return sum / Float(channels)
        }
    }

    /// The root mean square of each pixel of an image over its channels.
    package static func magnitude(_ image: Image) -> [Float] {
        let (channels, plane) = (image.shape.channels, image.shape.pixels)
        return (0 ..< plane).map { pixel in
            let squares = (0 ..< channels).reduce(Float(0)) { sum, channel in
                let value = image.pixels[channel * plane + pixel]
                return sum + value * value
            }
            return (squares / Float(channels)).squareRoot()
        }
    }
}
