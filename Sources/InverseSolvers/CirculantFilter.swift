import KernelInterface

/// A `CirculantMatrix`, laid out to be applied to the coordinates of a `SpectralBasis`.
struct CirculantFilter {
    private let channels: Int
    private let stride: Int
    /// Entry i, j has its real parts at 2 (i channels + j) stride and its imaginary parts one stride further.
    private let entries: AlignedBuffer<Float>

    init(_ matrix: CirculantMatrix, stride: Int) {
        (channels, self.stride) = (matrix.channels, stride)
        let size = channels * channels
        entries = AlignedBuffer(count: 2 * size * stride)
        for k in 0 ..< matrix.frequencies {
            for entry in 0 ..< size {
                entries.base[2 * entry * stride + k] = matrix.blocks[k * size + entry].real
                entries.base[(2 * entry + 1) * stride + k] = matrix.blocks[k * size + entry].imaginary
            }
        }
    }

    /// result = B v. `result` is not `v`.
    func apply(to v: Vector, into result: Vector) {
        for i in 0 ..< channels {
            for k in Swift.stride(from: 0, to: stride, by: VectorMath.blockSize) {
                var (real, imaginary) = (VectorMath.Block.zero, VectorMath.Block.zero)
                for j in 0 ..< channels {
                    let b = entries.base + 2 * (i * channels + j) * stride + k
                    let x = v.elements + 2 * j * stride + k
                    let (bReal, bImaginary) = (VectorMath.load(b), VectorMath.load(b + stride))
                    let (xReal, xImaginary) = (VectorMath.load(x), VectorMath.load(x + stride))
                    real += bReal * xReal - bImaginary * xImaginary
                    imaginary += bReal * xImaginary + bImaginary * xReal
                }
                let y = result.mutableElements + 2 * i * stride + k
                VectorMath.store(real, y)
                VectorMath.store(imaginary, y + stride)
            }
        }
    }
}
