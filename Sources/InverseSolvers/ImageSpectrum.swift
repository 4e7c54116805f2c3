import CFFTW
import ForwardOperators
import KernelInterface

/// The Fourier transforms of the channels of an image, and the memory for them.
final class ImageSpectrum {
    let shape: ImageShape
    /// The half spectrum of each channel, one after the other.
    let numbers: AlignedBuffer<Complex>
    private let transform: FourierTransform
    private let plane: AlignedBuffer<Float>
    private let planeSpectrum: AlignedBuffer<fftwf_complex>

    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    init(_ shape: ImageShape) throws {
        self.shape = shape
        transform = try FourierTransform.of(height: shape.height, width: shape.width)
        plane = AlignedBuffer(count: transform.realCount)
        planeSpectrum = AlignedBuffer(count: transform.spectrumCount)
        numbers = AlignedBuffer(count: shape.channels * transform.spectrumCount)
    }

    var frequencies: Int { transform.spectrumCount }
    /// Frequencies of a row: width / 2 + 1.
    var rowFrequencies: Int { shape.width / 2 + 1 }

    /// numbers = transforms of the channels of x.
    func transform(_ x: UnsafePointer<Float>) {
        for channel in 0 ..< shape.channels {
            plane.base.update(from: x + channel * shape.pixels, count: shape.pixels)
            transform.forward(plane, into: planeSpectrum)
            planeSpectrum.base.withMemoryRebound(to: Complex.self, capacity: frequencies) {
                (numbers.base + channel * frequencies).update(from: $0, count: frequencies)
            }
        }
    }
}
