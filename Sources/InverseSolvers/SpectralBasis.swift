import ForwardOperators
import KernelInterface

/// An image as coordinates in an orthonormal basis of waves, channel by channel: inner products are those of the images.
///
/// Channel c has its real parts at 2 c `stride` and its imaginary parts at (2 c + 1) `stride`, in the order of FFTW's half spectrum;
/// what is between `frequencies` and `stride` is 0. Of the waves whose conjugates a half spectrum leaves out, each stands for two.
package final class SpectralBasis {
    let shape: ImageShape
    private let parallelism: Parallelism
    /// One for each channel, so that threads may share the channels.
    private let spectra: [PlaneSpectrum]

    /// - Parameter parallelism: who shares the channels of large images.
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init(_ shape: ImageShape, parallelism: Parallelism = .serial) throws {
        self.shape = shape
        self.parallelism = VectorLoops.shares(shape.count) ? parallelism : .serial
        spectra = try (0 ..< shape.channels).map { _ in try PlaneSpectrum(height: shape.height, width: shape.width) }
    }

    var frequencies: Int { spectra[0].frequencies }
    /// A multiple of the blocks of `VectorMath`, so that a loop over a plane has whole blocks only.
    var stride: Int { (frequencies + VectorMath.blockSize - 1) / VectorMath.blockSize * VectorMath.blockSize }
    package var count: Int { 2 * shape.channels * stride }

    /// v = the coordinates of the image at x.
    package func decompose(_ x: UnsafePointer<Float>, into v: Vector) {
        parallelism.forEach(shape.channels, .minimizer, Decomposing(basis: self, x: x, v: v.mutableElements))
    }

    /// x = the image with the coordinates v.
    package func compose(_ v: Vector, into x: UnsafeMutablePointer<Float>) {
        parallelism.forEach(shape.channels, .minimizer, Composing(basis: self, v: v.elements, x: x))
    }

    private struct Decomposing: LoopBody {
        let basis: SpectralBasis
        let x: UnsafePointer<Float>
        let v: UnsafeMutablePointer<Float>

        func run(task channel: Int, worker: Int) {
            let (stride, frequencies, pixels) = (basis.stride, basis.frequencies, basis.shape.pixels)
            let scale = (2 / Float(pixels)).squareRoot()
            basis.spectra[channel].transform(x + channel * pixels)
            let real = v + 2 * channel * stride
            let imaginary = real + stride
            basis.spectra[channel].withNumbers { spectrum in
                for k in 0 ..< frequencies { (real[k], imaginary[k]) = (spectrum[k].real * scale, spectrum[k].imaginary * scale) }
            }
            basis.scaleSingleWaves(real, by: Float(0.5).squareRoot())
            basis.scaleSingleWaves(imaginary, by: Float(0.5).squareRoot())
        }
    }

    private struct Composing: LoopBody {
        let basis: SpectralBasis
        let v: UnsafePointer<Float>
        let x: UnsafeMutablePointer<Float>

        func run(task channel: Int, worker: Int) {
            let (stride, frequencies, pixels) = (basis.stride, basis.frequencies, basis.shape.pixels)
            let scale = (1 / (2 * Float(pixels))).squareRoot()
            let real = v + 2 * channel * stride
            let imaginary = real + stride
            basis.spectra[channel].withNumbers { spectrum in
                for k in 0 ..< frequencies { spectrum[k] = Complex(real[k] * scale, imaginary[k] * scale) }
                basis.scaleSingleWaves(spectrum, by: Float(2).squareRoot())
            }
            basis.spectra[channel].inverse(into: x + channel * pixels)
        }
    }

    /// The coordinates of the diagonal matrix that multiplies the waves of every channel with these numbers.
    func diagonal(_ numbers: [Float]) -> Vector {
        let result = Vector(count: count)
        for plane in 0 ..< 2 * shape.channels {
            for (k, number) in numbers.enumerated() { result.mutableElements[plane * stride + k] = number }
        }
        return result
    }

    /// Multiplies the waves whose conjugates are in the half spectrum too: those of the first column, and of the last one of an even
    /// width.
    private func scaleSingleWaves<Number: Scalable>(_ numbers: UnsafeMutablePointer<Number>, by scale: Float) {
        let width = spectra[0].rowFrequencies
        for row in 0 ..< shape.height {
            numbers[row * width] = numbers[row * width] * scale
            if shape.width > 1 && shape.width.isMultiple(of: 2) { numbers[(row + 1) * width - 1] = numbers[(row + 1) * width - 1] * scale }
        }
    }
}

private protocol Scalable {
    static func * (number: Self, scale: Float) -> Self
}

extension Float: Scalable {}
extension Complex: Scalable {}
