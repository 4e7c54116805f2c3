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
    ///
    /// - Parameter parallelism: who shares the frequencies, where there are many.
    func apply(to v: Vector, into result: Vector, _ parallelism: Parallelism = .serial) {
        let loop = FilterLoop(filter: self, v: v.elements, result: result.mutableElements)
        guard stride > Self.block else { return apply(0 ..< stride, to: v.elements, into: result.mutableElements) }
        parallelism.forEach((stride + Self.block - 1) / Self.block, .minimizer, loop)
    }

    /// Frequencies of one task.
    fileprivate static let block = 1 << 13

    fileprivate func apply(_ range: Range<Int>, to v: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        for i in 0 ..< channels {
            for k in Swift.stride(from: range.lowerBound, to: range.upperBound, by: VectorMath.blockSize) {
                var (real, imaginary) = (VectorMath.Block.zero, VectorMath.Block.zero)
                for j in 0 ..< channels {
                    let b = entries.base + 2 * (i * channels + j) * stride + k
                    let x = v + 2 * j * stride + k
                    let (bReal, bImaginary) = (VectorMath.load(b), VectorMath.load(b + stride))
                    let (xReal, xImaginary) = (VectorMath.load(x), VectorMath.load(x + stride))
                    real += bReal * xReal - bImaginary * xImaginary
                    imaginary += bReal * xImaginary + bImaginary * xReal
                }
                let y = result + 2 * i * stride + k
                VectorMath.store(real, y)
                VectorMath.store(imaginary, y + stride)
            }
        }
    }

    fileprivate var frequencies: Int { stride }
}

private struct FilterLoop: LoopBody {
    let filter: CirculantFilter
    let v: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>

    func run(task: Int, worker: Int) {
        let first = task * CirculantFilter.block
        filter.apply(first ..< min(first + CirculantFilter.block, filter.frequencies), to: v, into: result)
    }
}
