import Files
import Glibc
import KernelInterface

/// Uniform noise on 8 bit samples, which makes them a density that a flow can learn, and the shift to the range of a model:
///
///     x = byte / 255 + w (r - 1/2) + pixelShift,    w = 2^-bits,  r uniform in (0, 1)
///
/// The noise has mean zero: the density then belongs to the images themselves, not to brighter ones. A density p of x in n
/// dimensions gives `bits - log2(p) / n` bits per dimension. With w = 1/32 the steps of a 5 bit image are as wide as the
/// noise. Theis, van den Oord and Bethge, "A note on the evaluation of generative models", 2016.
package struct Dequantization: Hashable, Sendable {
    package static let bitBounds = 1 ... 8

    package let bits: Int
    package let pixelShift: Float

    /// - Throws: `TrainingOptionError` when `bits` is not 1 to 8 or the shift is not finite.
    package init(bits: Int, pixelShift: Float = -0.5) throws {
        guard Self.bitBounds.contains(bits) else {
            throw TrainingOptionError("the noise is that of \(bits) bits, but must be of 1 to 8")
        }
        guard pixelShift.isFinite else { throw TrainingOptionError("the pixel shift is \(pixelShift), not a finite number") }
        self.bits = bits
        self.pixelShift = pixelShift
    }

    /// w, the width of the noise.
    package var width: Float { 1 / Float(1 << bits) }

    /// Writes `bytes` with noise and shift to `values`, which has room for as many. One number of the generator serves two values.
    func apply(_ bytes: [UInt8], _ generator: inout SeededGenerator, into values: UnsafeMutableBufferPointer<Float>) {
        var noise = Noise()
        for (index, byte) in bytes.enumerated() {
            values[index] = Float(byte) / 255 + width * noise.next(&generator) + pixelShift
        }
    }

    /// The same for pixel values on the [0, 1] scale, such as byte / 255; the noise of image k is that of crop k with the same seed.
    ///
    /// - Parameters:
    ///   - pixels: values of image `index`.
    ///   - values: room for as many.
    package func apply(
        _ pixels: UnsafeBufferPointer<Float>, seed: UInt64, index: Int, into values: UnsafeMutablePointer<Float>
    ) {
        var generator = SeededGenerator(seed: seed, stream: .validationNoise, index: UInt64(index))
        var noise = Noise()
        for (place, pixel) in pixels.enumerated() { values[place] = pixel + width * noise.next(&generator) + pixelShift }
    }

    /// Bits per dimension for log p(x), the logarithm of a density in nats, of images of so many numbers.
    package func bitsPerDimension(logLikelihood: Double, dimensions: Int) -> Double {
        Double(bits) - logLikelihood / (Double(dimensions) * log(2))
    }

    /// Uniform numbers in (-1/2, 1/2), two from each number of a generator.
    private struct Noise {
        private var random: UInt64 = 0
        private var isSecond = false

        mutating func next(_ generator: inout SeededGenerator) -> Float {
            random = isSecond ? random << 32 : generator.next()
            isSecond.toggle()
            // 24 bits, the precision of a float, at the middle of their interval.
            return (Float(random >> 40) + 0.5) * 0x1p-24 - 0.5
        }
    }
}

/// A choice of options that no training can have.
package struct TrainingOptionError: ReglowError, Hashable {
    package var category: ReglowErrorCategory { .training }

    package let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The crop does not fit into the images of a corpus.
    init(crop: Int, _ corpus: ImageCorpus) {
        self.init("the crop is \(crop) pixels wide, but must be from 1 to \(corpus.smallestSide), as the images of \(corpus.folder)")
    }
}
