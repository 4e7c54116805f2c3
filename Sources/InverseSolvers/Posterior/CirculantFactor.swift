import KernelInterface

/// A factor of a positive definite `CirculantMatrix`, to draw images that have it as their covariance:
///
///     B[k] = L[k] L[k]^H,    L[k] lower triangular, by Cholesky's method at each frequency
///
/// Where w is white, L w has the covariance B.
struct CirculantFactor {
    private let channels, frequencies, stride: Int
    /// L[k][i][j] with j <= i at k * entries + i (i + 1) / 2 + j.
    private let factors: [Complex]

    /// - Parameter stride: of the coordinates, see `SpectralBasis`.
    init(_ matrix: CirculantMatrix, stride: Int) {
        (channels, frequencies, self.stride) = (matrix.channels, matrix.frequencies, stride)
        let (c, entries) = (matrix.channels, matrix.channels * (matrix.channels + 1) / 2)
        var factors = [Complex](repeating: Complex(0, 0), count: matrix.frequencies * entries)
        var lower = [(real: Double, imaginary: Double)](repeating: (0, 0), count: entries)
        for k in 0 ..< matrix.frequencies {
            for i in 0 ..< c {
                for j in 0 ... i {
                    let entry = matrix.blocks[(k * c + i) * c + j]
                    var (real, imaginary) = (Double(entry.real), Double(entry.imaginary))
                    for m in 0 ..< j {
                        let (a, b) = (lower[i * (i + 1) / 2 + m], lower[j * (j + 1) / 2 + m])
                        real -= a.real * b.real + a.imaginary * b.imaginary
                        imaginary -= a.imaginary * b.real - a.real * b.imaginary
                    }
                    if i == j {
                        let least = Double(entry.real) * Double(Float.ulpOfOne)
                        lower[i * (i + 1) / 2 + i] = (max(real, least, Double(Float.leastNormalMagnitude)).squareRoot(), 0)
                    } else {
                        let pivot = lower[j * (j + 1) / 2 + j].real
                        lower[i * (i + 1) / 2 + j] = (real / pivot, imaginary / pivot)
                    }
                }
            }
            for entry in 0 ..< entries { factors[k * entries + entry] = Complex(Float(lower[entry].real), Float(lower[entry].imaginary)) }
        }
        self.factors = factors
    }

    /// v = L v, for the coordinates of an image.
    func apply(to v: Vector) {
        let entries = channels * (channels + 1) / 2
        let coordinates = v.mutableElements
        factors.withUnsafeBufferPointer { factors in
            for k in 0 ..< frequencies {
                // The last row first, since those above it need what stands there no more.
                for i in (0 ..< channels).reversed() {
                    var sum = Complex(0, 0)
                    for j in 0 ... i {
                        let x = Complex(coordinates[2 * j * stride + k], coordinates[(2 * j + 1) * stride + k])
                        sum.addProduct(factors[k * entries + i * (i + 1) / 2 + j], x)
                    }
                    coordinates[2 * i * stride + k] = sum.real
                    coordinates[(2 * i + 1) * stride + k] = sum.imaginary
                }
            }
        }
    }
}
