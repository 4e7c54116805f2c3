import CImageCodecs
import Files
import Glibc
import KernelInterface

/// Decodes what the C libraries read: PNG, JPEG, TIFF and WebP.
enum PictureReader {
    /// - Parameters:
    ///   - path: only for the message of an error.
    ///   - scale: what is white in floats and in integers of 16 bits of a TIFF file; the other formats say it themselves.
    ///   - pixelLimit: a larger picture is refused.
    /// - Throws: `FileError` that names `path`; `ImageError` for a size that no image has.
    static func decode(
        _ bytes: [UInt8], format: ImageFormat, path: String, scale: NumberScale, pixelLimit: Int
    ) throws -> DecodedImage {
        var picture = CodecPicture()
        var message = [CChar](repeating: 0, count: CodecMessageSize)
        let isRead =
            switch format {
            case .png: codec_png_read(bytes, bytes.count, pixelLimit, &picture, &message)
            case .jpeg: codec_jpeg_read(bytes, bytes.count, pixelLimit, &picture, &message)
            case .tiff: codec_tiff_read(bytes, bytes.count, pixelLimit, &picture, &message)
            case .webP: codec_webp_read(bytes, bytes.count, pixelLimit, &picture, &message)
            case .numPy: false
            }
        guard isRead else { throw FileError(path: path, reason: "cannot be decoded: \(text(message))") }
        defer { codec_picture_free(&picture) }

        let shape = ImageShape(channels: picture.channels, height: picture.height, width: picture.width)
        try Image.validate(shape)
        try MemoryProbe.require((shape.count + (picture.has_alpha ? shape.pixels : 0)) * MemoryLayout<Float>.size, for: path)
        let white = format == .tiff && picture.bits > 8 ? scale.white : nil
        let planes = SamplePlanes(picture, white: white)
        if picture.bits == 32 { try requireFinite(planes.colour, path: path) }
        let image = try Image(shape: shape, pixels: planes.colour)
        if picture.bits == 32 || white != nil { try scale.check(image, path: path) }
        let alphaShape = ImageShape(channels: 1, height: shape.height, width: shape.width)
        var decoded = DecodedImage(
            image: image, alpha: try planes.alpha.map { try Image(shape: alphaShape, pixels: $0) },
            metadata: ImageMetadata(picture, format: format, white: white), notes: notes(of: picture))
        if picture.has_more_pictures { decoded.notes.append("holds several pictures, of which the first is read") }
        var orientation = format == .tiff ? Int(picture.orientation) : 1
        if !decoded.metadata.exif.isEmpty {
            if let exif = ExifData(decoded.metadata.exif) {
                orientation = exif.orientation
                decoded.metadata.exif = exif.upright().bytes
            } else {
                decoded.metadata.exif = []
                decoded.notes.append("its Exif data is damaged and left out")
            }
        }
        return try decoded.upright(orientation)
    }

    static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func notes(of picture: CodecPicture) -> [String] {
        let characters = withUnsafeBytes(of: picture.notes) { Array($0.prefix { $0 != 0 }) }
        return String(decoding: characters, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

extension ImageMetadata {
    fileprivate init(_ picture: CodecPicture, format: ImageFormat, white: Double?) {
        let depth: SampleDepth = picture.bits == 8 ? .eight : picture.bits == 16 ? .sixteen : .float
        let largest: Double? =
            switch depth {
            case .eight: 255
            case .sixteen: white ?? 65535
            case .float: nil
            }
        self.init(format: format, depth: depth, quantization: largest.map { 1 / $0 }, white: white)
        profile = Array(UnsafeBufferPointer(start: picture.profile.bytes, count: picture.profile.count))
        exif = Array(UnsafeBufferPointer(start: picture.exif.bytes, count: picture.exif.count))
        if picture.resolution.0 > 0, picture.resolution.1 > 0 {
            let unit: Resolution.Unit =
                switch picture.unit {
                case CodecUnitInch: .inch
                case CodecUnitCentimetre: .centimetre
                case CodecUnitMetre: .metre
                default: .none
                }
            // 1 to 1 without a unit is what a file says that has nothing to say.
            if unit != .none || picture.resolution.0 != picture.resolution.1 {
                resolution = Resolution(horizontal: picture.resolution.0, vertical: picture.resolution.1, unit: unit)
            }
        }
        if picture.gamma > 0 { colour.gamma = picture.gamma }
        if picture.chromaticities.0 > 0 {
            colour.chromaticities = withUnsafeBytes(of: picture.chromaticities) { Array($0.bindMemory(to: Double.self)) }
        }
        if picture.srgb_intent >= 0 { colour.renderingIntent = Int(picture.srgb_intent) }
        if picture.has_cicp { colour.codingPoints = withUnsafeBytes(of: picture.cicp) { Array($0) } }
    }
}

/// Throws the error that names the first of `values` that is NaN or infinite.
func requireFinite(_ values: [Float], path: String) throws {
    if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw FileError(path: path, reason: "the value at index \(index) is \(values[index]), not a finite number")
    }
}
