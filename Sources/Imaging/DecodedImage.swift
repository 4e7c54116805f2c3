/// An image as its file holds it: pixels, transparency, and what the file says about them.
public struct DecodedImage: Sendable {
    /// Upright, where the file has an orientation.
    public var image: Image
    /// One channel of the size of the image, 0 transparent to 1 opaque; nil where the file has none.
    public var alpha: Image?
    /// What the file says about its pixels.
    public var metadata: ImageMetadata
    /// Lines for the user about what was changed in reading, and what the decoder warned of.
    public var notes: [String]

    /// An image with what is known of its file.
    public init(image: Image, alpha: Image? = nil, metadata: ImageMetadata = ImageMetadata(), notes: [String] = []) {
        self.image = image
        self.alpha = alpha
        self.metadata = metadata
        self.notes = notes
    }
}
