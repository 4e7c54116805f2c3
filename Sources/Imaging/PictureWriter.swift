import CImageCodecs
import Files
import Glibc
import KernelInterface

/// Encodes PNG and TIFF files with what an image says about itself.
enum PictureWriter {
    /// - Returns: the bytes, and notes for the user about what could not be carried over.
    /// - Throws: `FileError` that names `path` when a value is not finite or the library refuses the picture.
    static func encode(
        _ image: Image, alpha: Image?, metadata: ImageMetadata, format: ImageFormat, path: String
    ) throws -> (bytes: [UInt8], notes: [String]) {
        try requireFinite(image.pixels, path: path)
        let shape = image.shape
        let isFloat = format == .tiff && metadata.depth == .float
        let isWide = metadata.depth == .sixteen || format == .png && metadata.depth == .float && metadata.format == .tiff
        let bits = isFloat ? 32 : isWide ? 16 : 8
        try MemoryProbe.require(shape.pixels * (shape.channels + (alpha == nil ? 0 : 1)) * bits / 8, for: path)
        var notes: [String] = []
        var picture = CodecPicture()
        picture.width = shape.width
        picture.height = shape.height
        picture.channels = shape.channels
        picture.bits = bits
        picture.has_alpha = alpha != nil
        metadata.describe(&picture)
        if format == .tiff {
            let lost = [
                metadata.colour == ImageMetadata.Colour() ? nil : "colour space (gAMA, cHRM, sRGB or cICP)",
                metadata.exif.isEmpty ? nil : "Exif data",
            ].compactMap { $0 }
            if !lost.isEmpty {
                notes.append("the \(lost.joined(separator: " and ")) of the input cannot be kept in a TIFF file and is left out")
            }
        }
        if !metadata.profile.isEmpty, !metadata.profileFits(channels: shape.channels) {
            notes.append("the colour profile of the input is not for an image of \(shape.channels) channels and is left out")
        }
        var file = CodecBytes()
        var message = [CChar](repeating: 0, count: CodecMessageSize)
        var profile = metadata.profileFits(channels: shape.channels) ? metadata.profile : []
        var exif = format == .png ? metadata.exif : []
        let isWritten = withSamples(of: image, alpha, bits: bits, white: Float(metadata.white ?? 1)) { raw in
            profile.withUnsafeMutableBufferPointer { profile in
                exif.withUnsafeMutableBufferPointer { exif in
                    picture.samples = raw
                    picture.profile = CodecBytes(bytes: profile.baseAddress, count: profile.count)
                    picture.exif = CodecBytes(bytes: exif.baseAddress, count: exif.count)
                    return format == .tiff
                        ? codec_tiff_write(&picture, &file, &message) : codec_png_write(&picture, &file, &message)
                }
            }
        }
        guard isWritten else {
            throw FileError(path: path, reason: "cannot make the \(format.name) file: \(PictureReader.text(message))")
        }
        defer { free(file.bytes) }
        return ([UInt8](UnsafeBufferPointer(start: file.bytes, count: file.count)), notes + PictureReader.notes(of: picture))
    }

    /// Calls `body` with the samples of each pixel side by side.
    private static func withSamples<Result>(
        of image: Image, _ alpha: Image?, bits: Int, white: Float, _ body: (UnsafeMutableRawPointer?) -> Result
    ) -> Result {
        switch bits {
        case 8:
            var samples = interleaved(image, alpha, as: UInt8.self)
            return samples.withUnsafeMutableBytes { body($0.baseAddress) }
        case 16:
            var samples = interleaved(image, alpha, as: UInt16.self)
            return samples.withUnsafeMutableBytes { body($0.baseAddress) }
        default:
            var samples = interleaved(image, alpha, white: white)
            return samples.withUnsafeMutableBytes { body($0.baseAddress) }
        }
    }
}

extension ImageMetadata {
    /// Fills in what is no memory of its own.
    fileprivate func describe(_ picture: inout CodecPicture) {
        picture.orientation = 1
        picture.srgb_intent = Int32(clamping: colour.renderingIntent ?? -1)
        picture.gamma = colour.gamma ?? 0
        if let chromaticities = colour.chromaticities, chromaticities.count == 8 {
            withUnsafeMutableBytes(of: &picture.chromaticities) { $0.copyBytes(from: chromaticities.withUnsafeBytes { Array($0) }) }
        }
        if let points = colour.codingPoints, points.count == 4 {
            withUnsafeMutableBytes(of: &picture.cicp) { $0.copyBytes(from: points) }
            picture.has_cicp = true
        }
        guard let resolution else { return }
        picture.resolution = (resolution.horizontal, resolution.vertical)
        picture.unit =
            switch resolution.unit {
            case .none: CodecUnitNone
            case .inch: CodecUnitInch
            case .centimetre: CodecUnitCentimetre
            case .metre: CodecUnitMetre
            }
    }
}
