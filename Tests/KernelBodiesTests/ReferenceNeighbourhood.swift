import KernelInterface
import Testing

/// A batch of images whose pixels lie end to end, as the neighbourhood kernels see it.
struct ImageGrid: Sendable, CustomTestStringConvertible {
    let images: Int
    let height: Int
    let width: Int

    var pixels: Int { images * height * width }
    var testDescription: String { "\(images) of \(height)x\(width)" }

    /// Sizes with no inner pixel, with only borders, with odd sides, and batches that share a vector.
    static let cases = [
        ImageGrid(images: 1, height: 1, width: 1), ImageGrid(images: 3, height: 1, width: 1),
        ImageGrid(images: 1, height: 1, width: 5), ImageGrid(images: 2, height: 5, width: 1),
        ImageGrid(images: 1, height: 4, width: 4), ImageGrid(images: 5, height: 4, width: 4),
        ImageGrid(images: 1, height: 3, width: 7), ImageGrid(images: 4, height: 3, width: 7),
    ]

    /// The pixel at (row + dy, column + dx), or (row - dy, column - dx) where `mirrored`, in the same image.
    func neighbour(of pixel: Int, tap: Int, mirrored: Bool) -> Int? {
        guard pixel < pixels else { return nil }
        let (dy, dx) = mirrored ? (1 - tap / 3, 1 - tap % 3) : (tap / 3 - 1, tap % 3 - 1)
        let image = pixel / (height * width)
        let row = pixel / width % height + dy
        let column = pixel % width + dx
        guard (0 ..< height).contains(row), (0 ..< width).contains(column) else { return nil }
        return (image * height + row) * width + column
    }

    /// Vectors that cover the batch.
    func vectors(lanes: Int) -> Int { (pixels + lanes - 1) / lanes }
}

/// The offsets and bits of a grid, tap by tap and pixel by pixel.
final class NeighbourhoodTable {
    private let offsets: AlignedBuffer<Int>
    private let bits: GuardedPanel<UInt8>

    init(_ grid: ImageGrid, mirrored: Bool, pixels: Int) {
        offsets = AlignedBuffer(count: 9)
        bits = GuardedPanel(9, pixels / 8) { tap, byte in
            (0 ..< 8).reduce(0) { bits, lane in
                let isInside = grid.neighbour(of: 8 * byte + lane, tap: tap, mirrored: mirrored) != nil
                return bits | (isInside ? 1 : 0) << UInt8(lane)
            }
        }
        for tap in 0 ..< 9 {
            let offset = (tap / 3 - 1) * grid.width + tap % 3 - 1
            offsets.base[tap] = mirrored ? -offset : offset
        }
    }

    /// As seen from a pixel that is a multiple of eight.
    func from(pixel: Int) -> Neighbourhood {
        Neighbourhood(offsets: offsets.base, bits: bits.base + pixel / 8, bitsStride: bits.stride)
    }
}
