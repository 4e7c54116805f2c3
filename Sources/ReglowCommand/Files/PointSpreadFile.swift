import Reglow

/// A point spread that is kept as an image or an array.
enum PointSpreadFile {
    /// The file as one channel, and what is to be told of its channels.
    ///
    /// - Throws: `FileError` that names the file.
    static func read(_ path: String, _ notes: Notes) throws -> (image: Image, remark: String?) {
        let image = try readImage(path, notes, scale: .free)
        let (count, channels) = (image.shape.pixels, image.shape.channels)
        guard channels > 1 else { return (image, nil) }
        let first = image.pixels[..<count]
        let isGrey = (1 ..< channels).allSatisfy { image.pixels[$0 * count ..< ($0 + 1) * count].elementsEqual(first) }
        if isGrey {
            return (
                try Image(shape: ImageShape(channels: 1, height: image.shape.height, width: image.shape.width), pixels: Array(first)), nil
            )
        }
        return (try image.channelMean(), "the point spread differs between its colours; the mean of its channels is taken for all")
    }
}
