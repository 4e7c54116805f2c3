import CImageCodecs
import KernelInterface

/// The samples of a decoded picture, which lie side by side for each pixel, as planes of floats.
struct SamplePlanes {
    /// Planes of 1 or 3 channels, after one another.
    let colour: [Float]
    let alpha: [Float]?

    /// Sample / largest sample; floats as they are.
    ///
    /// - Parameter white: divides colour instead, where given.
    init(_ picture: CodecPicture, white: Double?) {
        let layout = Layout(
            pixels: picture.width * picture.height, channels: picture.channels, stride: picture.channels + (picture.has_alpha ? 1 : 0))
        switch picture.bits {
        case 8: (colour, alpha) = layout.planes(picture.samples.assumingMemoryBound(to: UInt8.self), white ?? 255, opaque: 255)
        case 16: (colour, alpha) = layout.planes(picture.samples.assumingMemoryBound(to: UInt16.self), white ?? 65535, opaque: 65535)
        default: (colour, alpha) = layout.planes(picture.samples.assumingMemoryBound(to: Float.self), white ?? 1, opaque: 1)
        }
    }

    private struct Layout {
        let pixels: Int
        let channels: Int
        let stride: Int

        func planes(_ samples: UnsafePointer<UInt8>, _ white: Double, opaque: Float) -> ([Float], [Float]?) {
            planes(white, opaque) { Float(samples[$0]) }
        }

        func planes(_ samples: UnsafePointer<UInt16>, _ white: Double, opaque: Float) -> ([Float], [Float]?) {
            planes(white, opaque) { Float(samples[$0]) }
        }

        func planes(_ samples: UnsafePointer<Float>, _ white: Double, opaque: Float) -> ([Float], [Float]?) {
            planes(white, opaque) { samples[$0] }
        }

        @inline(__always)
        private func planes(_ white: Double, _ opaque: Float, _ sample: (Int) -> Float) -> ([Float], [Float]?) {
            let colours = plane(channels, Float(white)) { sample($0 * stride + $1) }
            return (colours, stride > channels ? plane(1, opaque) { pixel, _ in sample(pixel * stride + channels) } : nil)
        }

        @inline(__always)
        private func plane(_ count: Int, _ divisor: Float, _ sample: (_ pixel: Int, _ channel: Int) -> Float) -> [Float] {
            [Float](unsafeUninitializedCapacity: pixels * count) { values, filled in
                for channel in 0 ..< count {
                    for pixel in 0 ..< pixels { values[channel * pixels + pixel] = sample(pixel, channel) / divisor }
                }
                filled = pixels * count
            }
        }
    }
}

/// Planar floats, clipped to [0, 1] and rounded to integer samples with those of a pixel side by side. The values have to be finite.
func interleaved<Sample: FixedWidthInteger & UnsignedInteger>(_ image: Image, _ alpha: Image?, as type: Sample.Type) -> [Sample] {
    let largest = Float(Sample.max)
    return interleaved(image, alpha) { Sample((min(max($0, 0), 1) * largest).rounded()) }
}

/// Planar floats times `white`, with those of a pixel side by side. Alpha stays from 0 to 1.
func interleaved(_ image: Image, _ alpha: Image?, white: Float) -> [Float] {
    let stride = image.shape.channels + (alpha == nil ? 0 : 1)
    var values = interleaved(image, alpha) { $0 }
    if white != 1 {
        for index in values.indices where index % stride < image.shape.channels { values[index] *= white }
    }
    return values
}

private func interleaved<Sample>(_ image: Image, _ alpha: Image?, _ convert: (Float) -> Sample) -> [Sample] {
    let shape = image.shape
    let stride = shape.channels + (alpha == nil ? 0 : 1)
    return [Sample](unsafeUninitializedCapacity: shape.pixels * stride) { samples, count in
        for channel in 0 ..< shape.channels {
            for pixel in 0 ..< shape.pixels { samples[pixel * stride + channel] = convert(image.pixels[channel * shape.pixels + pixel]) }
        }
        if let alpha {
            for pixel in 0 ..< shape.pixels { samples[pixel * stride + shape.channels] = convert(alpha.pixels[pixel]) }
        }
        count = shape.pixels * stride
    }
}
