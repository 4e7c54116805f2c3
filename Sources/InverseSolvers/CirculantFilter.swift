import KernelInterface

/// A `CirculantMatrix`, laid out to be applied to the coordinates of a `SpectralBasis`.
struct CirculantFilter {
    private typealias Block = SIMD8<Float>

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
            for k in Swift.stride(from: 0, to: stride, by: SpectralBasis.block) {
                var (real, imaginary) = (Block.zero, Block.zero)
                for j in 0 ..< channels {
                    let b = entries.base + 2 * (i * channels + j) * stride + k
                    let x = v.elements + 2 * j * stride + k
                    let (bReal, bImaginary) = (Self.load(b), Self.load(b + stride))
                    let (xReal, xImaginary) = (Self.load(x), Self.load(x + stride))
                    real += bReal * xReal - bImaginary * xImaginary
                    imaginary += bReal * xImaginary + bImaginary * xReal
                }
                let y = result.mutableElements + 2 * i * stride + k
                Self.store(real, y)
                Self.store(imaginary, y + stride)
            }
        }
    }

    private static func load(_ address: UnsafePointer<Float>) -> Block {
        UnsafeRawPointer(address).loadUnaligned(as: Block.self)
    }

    private static func store(_ block: Block, _ address: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(address).storeBytes(of: block, as: Block.self)
    }
}
