import KernelInterface

/// A symmetric `CirculantMatrix`, whose matrices at the frequencies are Hermitian, laid out to be applied to the coordinates of a
/// `SpectralBasis`.
struct CirculantFilter {
    private let channels: Int
    private let stride: Int
    /// Entry i, i, which is real, stands at (i channels + i) stride. Of entry i, j with i < j the real parts stand at (i channels + j) stride, the
    /// imaginary parts at (j channels + i) stride.
    private let entries: AlignedBuffer<Float>

    init(_ matrix: CirculantMatrix, stride: Int) {
        (channels, self.stride) = (matrix.channels, stride)
        let size = channels * channels
        entries = AlignedBuffer(count: size * stride)
        for i in 0 ..< channels {
            for j in i ..< channels {
                let (real, imaginary) = (entries.base + (i * channels + j) * stride, entries.base + (j * channels + i) * stride)
                for k in 0 ..< matrix.frequencies {
                    let entry = matrix.blocks[k * size + i * channels + j]
                    real[k] = entry.real
                    if i < j { imaginary[k] = entry.imaginary }
                }
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

    /// The same for some frequencies, which begin and end with whole blocks of `VectorMath`.
    func apply(_ range: Range<Int>, to v: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        for i in 0 ..< channels {
            for k in Swift.stride(from: range.lowerBound, to: range.upperBound, by: VectorMath.blockSize) {
                let diagonal = VectorMath.load(entries.base + (i * channels + i) * stride + k)
                var real = diagonal * VectorMath.load(v + 2 * i * stride + k)
                var imaginary = diagonal * VectorMath.load(v + (2 * i + 1) * stride + k)
                for j in 0 ..< channels where j != i {
                    let (above, below) = (min(i, j) * channels + max(i, j), max(i, j) * channels + min(i, j))
                    let bReal = VectorMath.load(entries.base + above * stride + k)
                    var bImaginary = VectorMath.load(entries.base + below * stride + k)
                    if j < i { bImaginary = -bImaginary }
                    let x = v + 2 * j * stride + k
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
