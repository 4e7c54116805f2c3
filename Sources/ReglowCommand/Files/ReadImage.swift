import Reglow

/// Reads an image; what of the file is not in it is told to the user.
///
/// - Throws: `FileError` that names the file.
func readImage(_ path: String, _ notes: Notes) throws -> Image {
    let (image, remarks) = try ImageFile.read(path)
    for remark in remarks { notes.tell(path, remark) }
    return image
}

/// The same, with the alpha channel: 0 transparent to 1 opaque for each pixel, nil where the file has none.
///
/// - Throws: `FileError` that names the file.
func readImageWithAlpha(_ path: String, _ notes: Notes) throws -> (image: Image, alpha: [Float]?) {
    (try readImage(path, notes), nil)
}

/// Runs `body`; what it throws comes out as a `FileError` that names `path`.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as FileError {
        throw error
    } catch {
        throw FileError(path: path, reason: "\(error)")
    }
}

extension Image {
    /// Values below 0 and above 1 moved to the bounds, as an 8 bit file would hold them.
    func clipped() throws -> Image {
        try Image(shape: shape, pixels: pixels.map { min(max($0, 0), 1) })
    }

    /// One channel, the mean of all.
    func channelMean() throws -> Image {
        let count = shape.pixels
        let mean = (0 ..< count).map { pixel in
            var sum: Float = 0
            for channel in 0 ..< shape.channels { sum += pixels[channel * count + pixel] }
            return sum / Float(shape.channels)
        }
        return try Image(shape: ImageShape(channels: 1, height: shape.height, width: shape.width), pixels: mean)
    }
}
