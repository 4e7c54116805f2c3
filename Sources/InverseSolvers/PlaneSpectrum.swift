import CFFTW
import ForwardOperators
import KernelInterface

/// The Fourier transform of one channel, and the memory for it.
final class PlaneSpectrum {
    private let transform: FourierTransform
    private let plane: AlignedBuffer<Float>
    private let spectrum: AlignedBuffer<fftwf_complex>

    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    init(height: Int, width: Int) throws {
        transform = try FourierTransform.of(height: height, width: width)
        plane = AlignedBuffer(count: transform.realCount)
        spectrum = AlignedBuffer(count: transform.spectrumCount)
    }

    var frequencies: Int { transform.spectrumCount }
    /// Frequencies of a row: width / 2 + 1.
    var rowFrequencies: Int { transform.width / 2 + 1 }

    /// The half spectrum, row by row.
    func withNumbers<Result>(_ body: (UnsafeMutablePointer<Complex>) -> Result) -> Result {
        spectrum.base.withMemoryRebound(to: Complex.self, capacity: frequencies, body)
    }

    /// The half spectrum is that of the channel at x.
    func transform(_ x: UnsafePointer<Float>) {
        plane.base.update(from: x, count: plane.count)
        transform.forward(plane, into: spectrum)
    }

    /// x = height * width times the channel whose half spectrum this is, which is overwritten.
    func inverse(into x: UnsafeMutablePointer<Float>) {
        transform.inverse(spectrum, into: plane)
        x.update(from: plane.base, count: plane.count)
    }

    /// The half spectra of the channels of an image.
    func ofChannels(of image: [Float]) -> [[Complex]] {
        stride(from: 0, to: image.count, by: plane.count).map { first in
            image.withElements(at: first) { transform($0) }
            return withNumbers { Array(UnsafeBufferPointer(start: $0, count: frequencies)) }
        }
    }
}
