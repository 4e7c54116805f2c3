import Files

/// Images as files: PNG, JPEG (read only) and NumPy.
public enum ImageFile {
    /// The endings of names, in lower case, of the files that `read` may take for images.
    public static let readableEndings: Set<String> = ["png", "jpg", "jpeg", "npy"]

    /// Reads an image; the content says which format it is, not the name.
    ///
    /// PNG: any colour type and depth, samples / 255 or / 65535. JPEG: grey and colour, samples / 255. NumPy: floats of shape
    /// (3, H, W), (1, H, W) or (H, W), as stored.
    ///
    /// - Returns: the image, and notes for the user about what of the file is not in it, such as "alpha channel dropped".
    /// - Throws: `FileError` that names the file when it is missing, empty, damaged, truncated, of another format, or
    ///   larger than `Image.maximumPixels`.
    public static func read(_ path: String) throws -> (image: Image, notes: [String]) {
        let bytes = try FileBytes.read(path)
        guard !bytes.isEmpty else { throw FileError(path: path, reason: "the file is empty") }
        do {
            if bytes.starts(with: PNGCodec.signature) { return try PNGCodec.decode(bytes, path: path) }
            if bytes.starts(with: JPEGCodec.signature) { return try JPEGCodec.decode(bytes, path: path) }
            if bytes.starts(with: NumPyHeader.signature) {
                return (try Image(NumPyArray.decode(bytes, path: path), path: path), [])
            }
        } catch let error as ImageError {
            throw FileError(path: path, reason: error.description)
        }
        let ending = nameExtension(of: path)
        throw FileError(
            path: path,
            reason: "is not a PNG, JPEG or NumPy file" + (ending.isEmpty ? "" : ", although its name ends in .\(ending)"))
    }

    /// Writes an image atomically (`AtomicFile`); the extension of the name says the format: `.png` or `.npy`.
    ///
    /// PNG: values clipped to [0, 1] and rounded to the nearest level of `depth`. NumPy: float32, exact, (3, H, W) or (H, W).
    ///
    /// - Throws: `FileError` for another extension, a value that is not finite, or a file that cannot be written.
    public static func write(_ image: Image, to path: String, depth: SampleDepth = .eight) throws {
        let bytes =
            switch try format(of: path) {
            case .png: try PNGCodec.encode(image, depth: depth, path: path)
            case .numPy: try NumPyArray(image).encoded(path: path)
            }
        try AtomicFile.write(bytes, to: path)
    }

    /// Throws what `write` would throw for this name now, so that long work can fail before it starts.
    public static func requireWritable(_ path: String) throws {
        _ = try format(of: path)
        try AtomicFile.requireWritable(path)
    }

    /// The formats that are written.
    private enum Format {
        case png, numPy
    }

    private static func format(of path: String) throws -> Format {
        switch nameExtension(of: path) {
        case "png": return .png
        case "npy": return .numPy
        default: throw FileError(path: path, reason: "an image is written as .png or .npy: the name has to end so")
        }
    }

    /// What follows the last dot of the name in lower case; empty when there is no dot.
    private static func nameExtension(of path: String) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    }
}
