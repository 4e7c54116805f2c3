import Files

/// Images as files: PNG, JPEG, TIFF, WebP and NumPy are read, PNG, TIFF and NumPy are written.
public enum ImageFile {
    /// Reads an image; the content says which format it is, not the name.
    ///
    /// PNG, JPEG and WebP: samples divided by the largest. TIFF: integers likewise, floats as stored. NumPy: see `NumPyArray` and
    /// `Image.init(_:scale:path:)`. The image is upright; of several pictures it is the first. Colours are those that are stored; a
    /// profile is kept in the metadata.
    ///
    /// - Parameters:
    ///   - scale: what is white in arrays and in TIFF files of 16 bits and floats.
    ///   - pixelLimit: a larger image is refused before it is decoded.
    /// - Throws: `FileError` that names the file when it is missing, empty, damaged, truncated, of another format, larger than
    ///   `Image.maximumPixels` or than the memory there is, or not on the scale.
    public static func read(
        _ path: String, scale: NumberScale = .image(), pixelLimit: Int = Image.maximumPixels
    ) throws -> DecodedImage {
        try decode(FileBytes.read(path) { try requireKnown($0, path: path) }, path: path, scale: scale, pixelLimit: pixelLimit)
    }

    /// Reads an image from standard input, as `read` does.
    public static func readStandardInput(
        scale: NumberScale = .image(), pixelLimit: Int = Image.maximumPixels
    ) throws -> DecodedImage {
        let path = FileBytes.standardInput
        return try decode(
            FileBytes.readStandardInput { try requireKnown($0, path: path) }, path: path, scale: scale, pixelLimit: pixelLimit)
    }

    /// Decodes the bytes of a file.
    ///
    /// - Parameters:
    ///   - path: its name, for errors; an ending that belongs to another format gives a note.
    ///   - pixelLimit: a larger image is refused.
    public static func decode(
        _ bytes: [UInt8], path: String, scale: NumberScale = .image(), pixelLimit: Int = Image.maximumPixels
    ) throws -> DecodedImage {
        try requireKnown(bytes, path: path)
        guard let format = ImageFormat(head: bytes) else { throw unknown(path) }
        var decoded: DecodedImage
        do {
            decoded =
                format == .numPy
                ? try NumPyArray.image(bytes, scale: scale, path: path, pixelLimit: pixelLimit)
                : try PictureReader.decode(bytes, format: format, path: path, scale: scale, pixelLimit: pixelLimit)
        } catch let error as ImageError {
            throw FileError(path: path, reason: error.description)
        }
        let ending = nameExtension(of: path)
        if let named = ImageFormat(ending: ending), named != format {
            decoded.notes.append("is a \(format.name) file, although its name ends in .\(ending)")
        }
        return decoded
    }

    /// Writes an image atomically (`AtomicFile`) as PNG, with samples of `depth` and nothing else, or as NumPy or TIFF by the ending.
    ///
    /// PNG: values clipped to [0, 1] and rounded to the nearest level of `depth`. NumPy: float32, exact, (3, H, W) or (H, W).
    ///
    /// - Throws: `FileError` for another extension, a value that is not finite, or a file that cannot be written.
    public static func write(_ image: Image, to path: String, depth: SampleDepth = .eight) throws {
        _ = try write(DecodedImage(image: image, metadata: ImageMetadata(depth: depth)), to: path)
    }

    /// Writes an image atomically with its transparency and all that its metadata says, as far as the format holds it.
    ///
    /// - Parameter format: nil where the ending of the name says it.
    /// - Returns: notes for the user about what the file does not hold.
    /// - Throws: `FileError` as above.
    public static func write(_ decoded: DecodedImage, to path: String, as format: ImageFormat? = nil) throws -> [String] {
        let (bytes, notes) = try encode(decoded, as: format ?? Self.format(of: path), path: path)
        try AtomicFile.write(bytes, to: path)
        return notes
    }

    /// The bytes of a file.
    ///
    /// - Parameter path: its name, for errors.
    /// - Returns: the bytes, and notes for the user about what the file does not hold.
    /// - Throws: `FileError` for a format that is not written, or a value that is not finite.
    public static func encode(_ decoded: DecodedImage, as format: ImageFormat, path: String) throws -> (bytes: [UInt8], notes: [String]) {
        let (image, metadata) = (decoded.image, decoded.metadata)
        switch format {
        case .png, .tiff:
            let sides = (image.shape.height, image.shape.width)
            var alpha = decoded.alpha
            var notes: [String] = []
            if let size = alpha?.shape, (size.height, size.width) != sides {
                alpha = nil
                notes.append("the alpha channel of the input is left out, because the image has another size")
            }
            let file = try PictureWriter.encode(image, alpha: alpha, metadata: metadata, format: format, path: path)
            return (file.bytes, notes + file.notes)
        case .numPy:
            let lost = (decoded.alpha == nil ? [] : ["alpha channel"]) + metadata.contents
            let notes = lost.isEmpty ? [] : ["\(lost.joined(separator: ", ")) of the input: not in a NumPy file"]
            return (try NumPyArray(image.onStoredScale(metadata)).encoded(path: path), notes)
        case .jpeg, .webP:
            throw FileError(path: path, reason: "\(format.name) files are not written")
        }
    }

    /// Throws what `write` would throw for this name now, so that long work can fail before it starts.
    public static func requireWritable(_ path: String) throws {
        _ = try format(of: path)
        try AtomicFile.requireWritable(path)
    }

    /// - Throws: `FileError` for a name whose ending is not that of a format that is written.
    private static func format(of path: String) throws -> ImageFormat {
        guard let format = ImageFormat(ending: nameExtension(of: path)), format.isWritten else {
            throw FileError(path: path, reason: "an image is written as .png, .tif or .npy: the name has to end so")
        }
        return format
    }

    /// Throws for a file that begins like none that is read, with the name of what it is where that is known.
    private static func requireKnown(_ head: [UInt8], path: String) throws {
        guard !head.isEmpty else { throw FileError(path: path, reason: "the file is empty") }
        guard ImageFormat(head: head) == nil else { return }
        if let other = ForeignFormat.name(ofHead: head) {
            throw FileError(path: path, reason: "is \(other), which is not read: save it as PNG, TIFF, JPEG, WebP or .npy")
        }
        throw unknown(path)
    }

    private static func unknown(_ path: String) -> FileError {
        let ending = nameExtension(of: path)
        return FileError(
            path: path,
            reason: "is not a PNG, JPEG, TIFF, WebP or NumPy file" + (ending.isEmpty ? "" : ", although its name ends in .\(ending)"))
    }

    /// What follows the last dot of the name in lower case; empty when there is no dot.
    private static func nameExtension(of path: String) -> String {
        let name = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? Substring(path).utf8
        return name.lastIndex(of: UInt8(ascii: ".")).map { String(Substring(name[name.index(after: $0)...])).lowercased() } ?? ""
    }
}

extension Image {
    /// Times the number that is white in the file that the metadata is of.
    fileprivate func onStoredScale(_ metadata: ImageMetadata) throws -> Image {
        guard let white = metadata.white, white != 1 else { return self }
        return try Image(shape: shape, pixels: pixels.map { Float(Double($0) * white) })
    }
}
