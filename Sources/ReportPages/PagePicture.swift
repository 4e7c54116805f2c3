import FoundationEssentials
import Imaging
import KernelInterface
import Plots

/// A picture of a page: its pixels are in the page itself.
package struct PagePicture: Sendable {
    /// What stands below it.
    package let caption: String
    /// What it shows, for those who do not see it.
    package let description: String
    /// Height and width that it has on the page.
    let (height, width): (Int, Int)
    /// How many times it is smaller than the image; 1 where it is whole.
    package let reduction: Int
    /// What the brightest colour stands for; nil for a picture that is no map.
    let largest: Float?
    private let address: String

    /// The longest side; a larger image is made smaller by means of squares of its pixels.
    package static let longestSide = 1024

    /// - Parameter image: values outside of [0, 1] are clipped, those that are not finite are 0.
    /// - Throws: `ImageError`, `FileError` for an image that cannot be encoded.
    package init(_ image: Image, caption: String, description: String, largest: Float? = nil) throws {
        reduction = Self.reduction(of: image.shape)
        let small = try Self.reduced(image, by: reduction)
        let encoded = try ImageFile.encode(DecodedImage(image: small), as: .png, path: caption).bytes
        address = "data:image/png;base64," + Data(encoded).base64EncodedString()
        (height, width) = (small.shape.height, small.shape.width)
        self.caption = reduction == 1 ? caption : "\(caption) (shown at 1/\(reduction) of its size)"
        self.description = description
        self.largest = largest
    }

    /// A map of numbers, at least 0, one for each pixel, with its colour bar.
    package init(map values: [Float], height: Int, width: Int, caption: String, description: String) throws {
        let map = try PageMap(values, height: height, width: width)
        try self.init(map.image, caption: caption, description: description, largest: map.largest)
    }

    package static func reduction(of shape: ImageShape) -> Int { max(1, (max(shape.height, shape.width) - 1) / longestSide + 1) }

    /// The pixels that a picture of an image has on the page.
    package static func pixels(of shape: ImageShape) -> Int { shape.pixels / (reduction(of: shape) * reduction(of: shape)) }

    var element: Markup {
        .element("img", ["src": address, "alt": description, "width": "\(width)", "height": "\(height)", "draggable": "false"])
    }

    /// Below the picture: its caption, and the colours of a map.
    var captionElement: Markup {
        let bar: [Markup] =
            largest.map { largest in
                [.element("div", ["class": "bar"], [.text("0"), .element("i"), .text(Double(largest).general(2))])]
            } ?? []
        return .element("figcaption", [:], [.text(caption)] + bar)
    }

    private static func reduced(_ image: Image, by factor: Int) throws -> Image {
        let (channels, height, width) = (image.shape.channels, max(1, image.shape.height / factor), max(1, image.shape.width / factor))
        let (rows, columns) = (min(factor, image.shape.height), min(factor, image.shape.width))
        var pixels = [Float](repeating: 0, count: channels * height * width)
        for channel in 0 ..< channels {
            for y in 0 ..< height {
                for x in 0 ..< width {
                    var sum: Float = 0
                    for row in 0 ..< rows {
                        let first = (channel * image.shape.height + y * factor + row) * image.shape.width + x * factor
                        for column in first ..< first + columns { sum += image.pixels[column].isFinite ? image.pixels[column] : 0 }
                    }
                    pixels[(channel * height + y) * width + x] = min(max(sum / Float(rows * columns), 0), 1)
                }
            }
        }
        return try Image(shape: ImageShape(channels: channels, height: height, width: width), pixels: pixels)
    }
}
