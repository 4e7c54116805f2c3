import ArgumentParser
import Glibc
import Reglow

/// What messages call standard output.
let standardOutput = "standard output"

/// What messages call an output.
func shownOutput(_ path: String) -> String { path == standardStream ? standardOutput : path }

extension DecodedImage {
    /// The file that is made of this one's pixels: the same transparency, profile, resolution and Exif data, and the same depth.
    ///
    /// - Parameter image: of the same size, or of another one, for which transparency is told to be lost.
    func replacing(_ image: Image) -> DecodedImage {
        let factor = Double(image.shape.width) / Double(self.image.shape.width)
        return DecodedImage(image: image, alpha: alpha, metadata: metadata.scaled(by: factor))
    }
}

/// Writes an image file, or to standard output for `-`; what the file does not hold is told to the user.
///
/// - Parameter format: of standard output, PNG where it is nil; files have it from the endings of their names.
/// - Throws: `FileError` that names the file.
func writePicture(_ picture: DecodedImage, to path: String, format: ImageFormat?, _ notes: Notes) throws {
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
func requirePictureWritable(_ path: String) throws {
    if path != standardStream { try ImageFile.requireWritable(path) }
}

/// What an image that is written is like.
struct PictureOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            The stored number that is white in .npy files and in TIFF files of 16 bits or floats: their values are divided by it, and \
            outputs of .npy and float TIFF are on that scale again. --noise stays on the scale from 0 to 1. (default: 1 for floats, 255 \
            and 65535 for unsigned integers)
            """, valueName: "white"))
    var range: Double?

    func validate() throws {
        if let range {
            try require(
                NumberScale.whiteBounds.contains(range),
                "--range is \(range), but must be the value of white: a positive number, such as 255")
        }
    }

    var scale: NumberScale { .image(white: range) }
}

/// The format of images whose name does not say it.
struct FormatOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "png, npy or tiff: of an image that goes to standard output with --output -, and of images in a folder. (default: png, in a folder .npy for .npy input)",
            valueName: "format"))
    var format: Choice?

    enum Choice: String, CaseIterable, ExpressibleByArgument {
        case png, npy, tiff

        var image: ImageFormat {
            switch self {
            case .png: .png
            case .npy: .numPy
            case .tiff: .tiff
            }
        }
    }
}
