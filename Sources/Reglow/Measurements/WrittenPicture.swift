import Files
import Imaging

/// What messages call standard output.
package let standardOutput = "standard output"

/// What messages call an output.
package func shownOutput(_ path: String) -> String { path == standardStream ? standardOutput : path }

extension DecodedImage {
    /// The file that is made of this one's pixels: the same transparency, profile, resolution and Exif data, and the same depth.
    ///
    /// - Parameter image: of the same size, or of another one, for which transparency is told to be lost.
    package func replacing(_ image: Image) -> DecodedImage {
        let factor = Double(image.shape.width) / Double(self.image.shape.width)
        return DecodedImage(image: image, alpha: alpha, metadata: metadata.scaled(by: factor))
    }
}

/// Writes an image file, or to standard output for `-`; what the file does not hold is told to the user.
///
/// - Parameter format: of standard output, PNG where it is nil; files have it from the endings of their names.
/// - Throws: `FileError` that names the file.
package func writePicture(_ picture: DecodedImage, to path: String, format: ImageFormat?, _ notes: Notes) throws {
    let remarks: [String]
    if path == standardStream {
        let encoded = try ImageFile.encode(picture, as: format ?? .png, path: standardOutput)
        remarks = encoded.notes
        try StandardOutput.write(encoded.bytes)
    } else {
        remarks = try ImageFile.write(picture, to: path)
    }
    for remark in remarks { notes.tell(shownOutput(path), remark) }
}

/// Throws what `writePicture` would throw for this name now.
package func requirePictureWritable(_ path: String) throws {
    if path != standardStream { try ImageFile.requireWritable(path) }
}
