import CImageCodecs
import Files
import Glibc
import KernelInterface

/// PNG files in memory. `path` is only for the message of an error.
package enum PNGCodec {
    package static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Samples / 255 or / 65535, without gamma or colour profile; a note when transparency was dropped.
    package static func decode(_ bytes: [UInt8], path: String) throws -> (image: Image, notes: [String]) {
        try decodePicture(bytes, path: path, with: codec_png_read)
    }

    /// Clips to [0, 1] and rounds to the nearest of the 2^bits levels.
    ///
    /// - Throws: `FileError` when a value is not finite.
    package static func encode(_ image: Image, depth: SampleDepth, path: String) throws -> [UInt8] {
        try requireFinite(image.pixels, path: path)
        switch depth {
        case .eight: return try encode(interleavedSamples(of: image, as: UInt8.self), image.shape, path: path)
        case .sixteen: return try encode(interleavedSamples(of: image, as: UInt16.self), image.shape, path: path)
        }
    }

    private static func encode<Sample: FixedWidthInteger>(
        _ samples: [Sample], _ shape: ImageShape, path: String
    ) throws -> [UInt8] {
        var samples = samples
        var file = CodecBytes()
        var message = [CChar](repeating: 0, count: CodecMessageSize)
        let done = samples.withUnsafeMutableBytes { raw in
            var picture = CodecPicture(
                width: shape.width, height: shape.height, channels: shape.channels, bits: Sample.bitWidth,
                alpha_dropped: false, samples: raw.baseAddress)
            return codec_png_write(&picture, &file, &message)
        }
        guard done else { throw FileError(path: path, reason: "cannot make the PNG: \(String(cString: message))") }
        defer { free(file.bytes) }
        return [UInt8](UnsafeBufferPointer(start: file.bytes, count: file.count))
    }
}

/// JPEG files in memory. `path` is only for the message of an error.
package enum JPEGCodec {
    package static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]

    /// Samples / 255, grey or RGB. A rotation in the camera's metadata is not applied.
    package static func decode(_ bytes: [UInt8], path: String) throws -> (image: Image, notes: [String]) {
        try decodePicture(bytes, path: path, with: codec_jpeg_read)
    }

    /// Takes from an image much of the noise that JPEG files have: codes it again with other alignments of the 8x8 blocks, and takes the mean.
    ///
    /// Coefficients below half a step of the quantization vanish in most of the alignments, so noise of that size does, and the steps
    /// at block borders; what is larger stays. Source: A. Nosratinia, "Enhancement of JPEG-compressed images by re-application of
    /// JPEG" (2001). On 64x64 faces coded with quality 95 it takes the error from 1.89 to 1.7 levels of 255.
    ///
    /// - Parameter quality: that of the file, 1 to 100.
    /// - Throws: `FileError` that names `path`.
    package static func reapplied(to image: Image, quality: Int, path: String) throws -> Image {
        let shape = image.shape
        let samples = interleavedSamples(of: image, as: UInt8.self)
        var message = [CChar](repeating: 0, count: CodecMessageSize)
        var mean = [Float](repeating: 0, count: samples.count)
        guard
            codec_jpeg_reapply(samples, shape.width, shape.height, shape.channels, Int32(quality), &mean, &message)
        else { throw FileError(path: path, reason: String(cString: message)) }
        let pixels = (0 ..< shape.channels).flatMap { channel in
            (0 ..< shape.pixels).map { mean[$0 * shape.channels + channel] / 255 }
        }
        return try Image(shape: shape, pixels: pixels)
    }
}

/// Bits of a sample in a PNG file that is written.
public enum SampleDepth: Sendable {
    case eight, sixteen
}

private typealias PictureReader = (
    _ bytes: UnsafePointer<UInt8>?, _ count: Int, _ pixelLimit: Int, _ picture: UnsafeMutablePointer<CodecPicture>?,
    _ message: UnsafeMutablePointer<CChar>?
) -> Bool

private func decodePicture(
    _ bytes: [UInt8], path: String, with read: PictureReader
) throws -> (image: Image, notes: [String]) {
    var picture = CodecPicture()
    var message = [CChar](repeating: 0, count: CodecMessageSize)
    guard read(bytes, bytes.count, Image.maximumPixels, &picture, &message) else {
        throw FileError(path: path, reason: "cannot be decoded: \(String(cString: message))")
    }
    defer { free(picture.samples) }
    let shape = ImageShape(channels: picture.channels, height: picture.height, width: picture.width)
    try Image.validate(shape)
    let pixels =
        picture.bits == 16
        ? planarPixels(picture.samples.assumingMemoryBound(to: UInt16.self), shape)
        : planarPixels(picture.samples.assumingMemoryBound(to: UInt8.self), shape)
    return (try Image(shape: shape, pixels: pixels), picture.alpha_dropped ? ["alpha channel dropped"] : [])
}

/// Samples with the channels of a pixel side by side, to planar floats: sample / largest sample.
private func planarPixels<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: UnsafePointer<Sample>, _ shape: ImageShape
) -> [Float] {
    let largest = Float(Sample.max)
    return [Float](unsafeUninitializedCapacity: shape.count) { pixels, count in
        for channel in 0 ..< shape.channels {
            for pixel in 0 ..< shape.pixels {
                pixels[channel * shape.pixels + pixel] = Float(samples[pixel * shape.channels + channel]) / largest
            }
        }
        count = shape.count
    }
}

/// Planar floats to samples with the channels of a pixel side by side. The values have to be finite.
private func interleavedSamples<Sample: FixedWidthInteger & UnsignedInteger>(
    of image: Image, as type: Sample.Type
) -> [Sample] {
    let shape = image.shape
    let largest = Float(Sample.max)
    return [Sample](unsafeUninitializedCapacity: shape.count) { samples, count in
        for channel in 0 ..< shape.channels {
            for pixel in 0 ..< shape.pixels {
                let value = min(max(image.pixels[channel * shape.pixels + pixel], 0), 1)
                samples[pixel * shape.channels + channel] = Sample((value * largest).rounded())
            }
        }
        count = shape.count
    }
}

/// Throws the error that names the first of `values` that is NaN or infinite.
func requireFinite(_ values: [Float], path: String) throws {
    if let index = values.firstIndex(where: { !$0.isFinite }) {
        throw FileError(path: path, reason: "the value at index \(index) is \(values[index]), not a finite number")
    }
}
