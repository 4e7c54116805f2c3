import CFFTW
import ForwardOperators
import KernelInterface

/// A linear map of images that is the same at every pixel, with a periodic border: one Hermitian matrix of channels x channels for
/// each frequency k of a half spectrum.
///
///     (B x)^[k] = B[k] x^[k],    x^ the Fourier transform of each channel
struct CirculantMatrix {
    let channels: Int
    /// B[k][i][j] at (k * channels + i) * channels + j.
    var blocks: [Complex]

    init(channels: Int, frequencies: Int) {
        self.channels = channels
        blocks = [Complex](repeating: Complex(0, 0), count: frequencies * channels * channels)
    }

    var frequencies: Int { blocks.count / (channels * channels) }

    /// scale * B
    func scaled(by scale: Float) -> CirculantMatrix {
        var result = self
        for index in result.blocks.indices { result.blocks[index] = blocks[index] * scale }
        return result
    }

    /// scale * B + diagonal[k] I.
    func scaled(by scale: Float, plus diagonal: [Float]) -> CirculantMatrix {
        var result = scaled(by: scale)
        for k in 0 ..< frequencies {
            for i in 0 ..< channels { result.blocks[(k * channels + i) * channels + i].real += diagonal[k] }
        }
        return result
    }

    /// B^-1. All blocks must be positive definite.
    ///
    /// - Parameter parallelism: who shares the frequencies.
    func inverse(_ parallelism: Parallelism = .serial) -> CirculantMatrix {
        var result = CirculantMatrix(channels: channels, frequencies: frequencies)
        let (size, tasks) = (channels * channels, (frequencies + Self.block - 1) / Self.block)
        result.blocks.withUnsafeMutableBufferPointer { inverses in
            blocks.withUnsafeBufferPointer { blocks in
                parallelism.forEach(tasks, .initialPoint) { task, _ in
                    withUnsafeTemporaryAllocation(of: Complex.self, capacity: size) { left in
                        for k in task * Self.block ..< min(frequencies, (task + 1) * Self.block) {
                            let range = k * size ..< (k + 1) * size
                            _ = left.initialize(fromContentsOf: blocks[range])
                            Self.invert(left, into: UnsafeMutableBufferPointer(rebasing: inverses[range]), channels)
                        }
                    }
                }
            }
        }
        return result
    }

    /// Frequencies of a task.
    private static let block = 1 << 12

    /// right = left^-1 by elimination without pivots, which a positive definite matrix does not need. `left` is overwritten.
    private static func invert(_ left: UnsafeMutableBufferPointer<Complex>, into right: UnsafeMutableBufferPointer<Complex>, _ c: Int) {
        for entry in right.indices { right[entry] = Complex(entry % (c + 1) == 0 ? 1 : 0, 0) }
        for pivot in 0 ..< c {
            let scale = left[pivot * c + pivot].reciprocal
            for j in 0 ..< c {
                left[pivot * c + j] = left[pivot * c + j] * scale
                right[pivot * c + j] = right[pivot * c + j] * scale
            }
            for row in 0 ..< c where row != pivot {
                let factor = left[row * c + pivot] * -1
                for j in 0 ..< c {
                    left[row * c + j].addProduct(factor, left[pivot * c + j])
                    right[row * c + j].addProduct(factor, right[pivot * c + j])
                }
            }
        }
    }
}

/// A complex number as FFTW lays it out.
struct Complex: BitwiseCopyable {
    var real, imaginary: Float

    init(_ real: Float, _ imaginary: Float) {
        self.real = real
        self.imaginary = imaginary
    }

    var conjugate: Complex { Complex(real, -imaginary) }
    var squaredMagnitude: Float { real * real + imaginary * imaginary }
    var reciprocal: Complex { conjugate * (1 / squaredMagnitude) }

    static func * (a: Complex, scale: Float) -> Complex { Complex(a.real * scale, a.imaginary * scale) }

    static func * (a: Complex, b: Complex) -> Complex {
        Complex(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }

    static func + (a: Complex, b: Complex) -> Complex { Complex(a.real + b.real, a.imaginary + b.imaginary) }

    /// self += a b
    mutating func addProduct(_ a: Complex, _ b: Complex) {
        real += a.real * b.real - a.imaginary * b.imaginary
        imaginary += a.real * b.imaginary + a.imaginary * b.real
    }
}
