import Files
import ForwardOperators
import Imaging
import KernelDispatch
import KernelInterface

/// The path that stands for standard input and standard output.
package let standardStream = "-"

/// Reads an image file, or standard input for `-`; what was changed in reading, and what the decoder warned of, is told to the user.
///
/// - Parameter scale: what is white in arrays and TIFF files.
/// - Throws: `FileError` that names the file.
package func readPicture(_ path: String, _ notes: Notes, scale: NumberScale = .image()) throws -> DecodedImage {
    let limit = readablePixels()
    let decoded: DecodedImage
    do {
        decoded =
            try path == standardStream
            ? ImageFile.readStandardInput(scale: scale, pixelLimit: limit) : ImageFile.read(path, scale: scale, pixelLimit: limit)
    } catch let error as FileError where limit < Image.maximumPixels && error.reason.contains("too ") {
        throw FileError(path: error.path, reason: "\(error.reason); the memory that is free is enough for \(limit) pixels")
    }
    for remark in decoded.notes { notes.tell(shownInput(path), remark) }
    return decoded
}

/// Pixels of an image that can be read with the memory that is free.
private func readablePixels() -> Int {
    /// What a pixel takes while it is read: its samples in the file and in floats, and a copy of these.
    let bytesPerPixel = 40
    return min(Image.maximumPixels, (AvailableMemory.bytes(threads: 0) ?? .max) / bytesPerPixel)
}

/// Reads the pixels of an image as `readPicture` does, and tells that transparency is left out.
package func readImage(_ path: String, _ notes: Notes, scale: NumberScale = .image()) throws -> Image {
    let decoded = try readPicture(path, notes, scale: scale)
    if decoded.alpha != nil { notes.tell(shownInput(path), "alpha channel dropped") }
    return decoded.image
}

/// Reads the numbers of an array from a NumPy file or standard input.
///
/// - Throws: `FileError` that names the file.
package func readNumbers(_ path: String) throws -> [Float] {
    try path == standardStream ? NumPyArray.readStandardInput().values : NumPyArray.read(path).values
}

/// Reads a mask: its numbers as stored, and its alpha channel, 0 transparent to 1 opaque for each pixel, nil where the file has none.
///
/// - Throws: `FileError` that names the file.
package func readImageWithAlpha(_ path: String, _ notes: Notes) throws -> (image: Image, alpha: [Float]?) {
    let decoded = try readPicture(path, notes, scale: .free)
    return (decoded.image, decoded.alpha?.pixels)
}

/// What messages call an input.
package func shownInput(_ path: String) -> String { path == standardStream ? FileBytes.standardInput : path }

/// Runs `body`; what it throws comes out as a `FileError` that names `path`.
package func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as FileError {
        throw error
    } catch {
        throw FileError(path: shownInput(path), reason: "\(error)")
    }
}

extension Image {
    /// Values below 0 and above 1 moved to the bounds, as an 8 bit file would hold them.
    package func clipped() throws -> Image {
        try Image(shape: shape, pixels: pixels.map { min(max($0, 0), 1) })
    }

    /// One channel, the mean of all.
    package func channelMean() throws -> Image {
        let count = shape.pixels
        let mean = (0 ..< count).map { pixel in
            var sum: Float = 0
            for channel in 0 ..< shape.channels { sum += pixels[channel * count + pixel] }
            return sum / Float(shape.channels)
        }
        return try Image(shape: ImageShape(channels: 1, height: shape.height, width: shape.width), pixels: mean)
    }
}

extension Image {
    /// The part of a scene that is compared with a restored image.
    package func cropped(to scene: Problem.Scene) throws -> Image {
        let cropping = try Cropping(
            canvas: shape, top: scene.top, left: scene.left, height: scene.image.height, width: scene.image.width)
        return try Image(shape: cropping.measurementShape, pixels: try cropping.apply(pixels))
    }
}

extension Problem.Scene {
    /// What is told of a truth that is larger than what it is compared with.
    package var comparison: String { "is \(size); compared is its middle of \(image), from row \(top) and column \(left) on" }
}
