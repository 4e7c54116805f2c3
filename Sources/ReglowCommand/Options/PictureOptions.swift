import ArgumentParser
import Reglow

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
