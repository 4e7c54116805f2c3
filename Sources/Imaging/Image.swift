import Files
import KernelInterface

/// A grey or RGB image: `pixels[(channel * height + row) * width + column]`, black 0, white 1.
///
/// Values are not confined to [0, 1]: a measurement with noise leaves it, and clipping would bias the restoration.
/// They are clipped only where a file format cannot hold them.
public struct Image: Hashable, Sendable {
    /// Channels, height and width.
    public let shape: ImageShape
    /// The values, planar: all rows of the first channel, then of the second.
    public let pixels: [Float]

    /// The largest image that is read or made, in pixels of one channel.
    public static let maximumPixels = 1 << 28

    /// - Throws: `ImageError` when the shape is not one of an image or `pixels` does not fill it exactly.
    public init(shape: ImageShape, pixels: [Float]) throws(ImageError) {
        try Self.validate(shape)
        guard pixels.count == shape.count else { throw ImageError.wrongCount(shape, count: pixels.count) }
        self.shape = shape
        self.pixels = pixels
    }

    /// The image with 1 or 3 channels.
    ///
    /// Grey to RGB repeats the channel. RGB to grey is 0.2126 R + 0.7152 G + 0.0722 B (the luma weights of ITU-R BT.709), on
    /// the stored values.
    public func converted(toChannels channels: Int) throws(ImageError) -> Image {
        if channels == shape.channels { return self }
        let target = ImageShape(channels: channels, height: shape.height, width: shape.width)
        try Self.validate(target)
        if channels == 3 { return try Image(shape: target, pixels: pixels + pixels + pixels) }
        let count = shape.pixels
        let grey = (0 ..< count).map { pixel in
            0.2126 * pixels[pixel] + 0.7152 * pixels[count + pixel] + 0.0722 * pixels[2 * count + pixel]
        }
        return try Image(shape: target, pixels: grey)
    }

    /// Throws unless there are 1 or 3 channels and 1 to `maximumPixels` pixels. After it `shape.count` cannot overflow.
    package static func validate(_ shape: ImageShape) throws(ImageError) {
        guard shape.channels == 1 || shape.channels == 3 else { throw ImageError.channels(shape.channels) }
        guard shape.height > 0, shape.width > 0 else { throw ImageError.empty(height: shape.height, width: shape.width) }
        guard shape.width <= maximumPixels / shape.height else {
            throw ImageError.tooLarge(height: shape.height, width: shape.width)
        }
    }
}

/// Why an image cannot be made or compared.
public enum ImageError: ReglowError, Hashable {
    /// Neither 1 nor 3 channels.
    case channels(Int)
    /// No rows or no columns.
    case empty(height: Int, width: Int)
    /// More pixels than `Image.maximumPixels`.
    case tooLarge(height: Int, width: Int)
    /// Another count of values than the shape has.
    case wrongCount(ImageShape, count: Int)
    /// Two images of different shapes.
    case shapesDiffer(ImageShape, ImageShape)

    public var category: ReglowErrorCategory { .problem }

    public var description: String {
        switch self {
        case .channels(let channels):
            "an image has 1 or 3 channels, not \(channels)"
        case .empty(let height, let width):
            "an image of \(height) rows and \(width) columns has no pixels"
        case .tooLarge(let height, let width):
            "an image of \(height) rows and \(width) columns is too large: the limit is \(Image.maximumPixels) pixels"
        case .wrongCount(let shape, let count):
            "an image of shape \(shape) has \(shape.count) values, not \(count)"
        case .shapesDiffer(let first, let second):
            "the images differ in shape: \(first) and \(second) (channels x height x width)"
        }
    }
}
