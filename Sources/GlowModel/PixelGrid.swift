import Glibc
import KernelInterface

/// The pixels of one level of a batch, end to end, as the kernels see them: image i has the pixels `i * height * width` on.
///
/// A plane holds one number per pixel. Planes are rows of a buffer, `stride` apart, with a guard before the first and after
/// the last row, so that a neighbour's address is always readable.
package final class PixelGrid {
    package let height: Int
    package let width: Int
    /// Most images of a batch.
    package let capacity: Int
    package let lanes: Int
    /// Floats from plane to plane: whole vectors, an odd number of cache lines, so that planes do not compete for the same
    /// places of a cache.
    package let stride: Int
    /// Floats before the first and after the last plane.
    package let guardCount: Int
    /// Bytes of a row of lane bits.
    package let bitsStride: Int

    private let tapOffsets: AlignedBuffer<Int>
    private let mirroredOffsets: AlignedBuffer<Int>
    private let tapBits: AlignedBuffer<UInt8>
    private let mirroredBits: AlignedBuffer<UInt8>

    /// Floats of a cache line; every vector length divides it.
    static let line = 16

    package init(height: Int, width: Int, capacity: Int, lanes: Int) {
        self.height = height
        self.width = width
        self.capacity = capacity
        self.lanes = lanes
        stride = Self.stride(pixels: height * width * capacity)
        guardCount = (width + 1 + Self.line) / Self.line * Self.line + Self.line
        bitsStride = stride / 8
        tapOffsets = AlignedBuffer(count: 9)
        mirroredOffsets = AlignedBuffer(count: 9)
        tapBits = AlignedBuffer(count: 9 * bitsStride)
        mirroredBits = AlignedBuffer(count: 9 * bitsStride)
        for tap in 0 ..< 9 {
            let (dy, dx) = (tap / 3 - 1, tap % 3 - 1)
            tapOffsets.base[tap] = dy * width + dx
            mirroredOffsets.base[tap] = -(dy * width + dx)
            for row in max(0, -dy) ..< max(max(0, -dy), min(height, height - dy)) {
                for column in max(0, -dx) ..< max(max(0, -dx), min(width, width - dx)) {
                    for image in 0 ..< capacity {
                        let pixel = (image * height + row) * width + column
                        tapBits.base[tap * bitsStride + pixel / 8] |= 1 << UInt8(pixel % 8)
                        // The mirrored tap of the neighbour leads back to this pixel.
                        let neighbour = pixel + dy * width + dx
                        mirroredBits.base[tap * bitsStride + neighbour / 8] |= 1 << UInt8(neighbour % 8)
                    }
                }
            }
        }
    }

    /// `stride` for this many pixels of all images.
    static func stride(pixels: Int) -> Int { ((pixels + line - 1) / line | 1) * line }

    /// Vectors that cover `images` images.
    package func vectors(images: Int) -> Int { (images * height * width + lanes - 1) / lanes }

    /// A buffer of planes with guards, zeroed.
    package func makePlanes(_ count: Int) -> AlignedBuffer<Float> { AlignedBuffer(count: count * stride + 2 * guardCount) }

    /// Sum of the numbers of one image in the first planes, in a fixed order.
    package func sum(of planes: UnsafePointer<Float>, channels: Int, image: Int) -> Double {
        var sum = 0.0
        for channel in 0 ..< channels {
            let row = planes + channel * stride + image * height * width
            for pixel in 0 ..< height * width { sum += Double(row[pixel]) }
        }
        return sum
    }

    /// Sum of the logarithms of the numbers of one image in the first planes, which are above 0. Eight at a time are multiplied before the
    /// logarithm: their product is within the range of Double.
    func sumOfLogarithms(of planes: UnsafePointer<Float>, channels: Int, image: Int) -> Double {
        var sum = 0.0
        for channel in 0 ..< channels {
            let row = planes + channel * stride + image * height * width
            for first in Swift.stride(from: 0, to: height * width, by: 8) {
                var product = 1.0
                for pixel in first ..< min(first + 8, height * width) { product *= Double(row[pixel]) }
                sum += log(product)
            }
        }
        return sum
    }

    /// Neighbours of the pixels from vector `first` on. A mirrored tap at (dy, dx) leads to (-dy, -dx).
    package func neighbourhood(mirrored: Bool, first: Int) -> Neighbourhood {
        Neighbourhood(
            offsets: mirrored ? mirroredOffsets.base : tapOffsets.base,
            bits: (mirrored ? mirroredBits : tapBits).base + first * lanes / 8, bitsStride: bitsStride)
    }
}

/// How the vectors of a level are cut into tasks.
package struct PixelTiles {
    package let vectors: Int
    package let count: Int
    private let first: Int

    /// Panels of at most `vectorsPerPanel` vectors, even in size, and as many for each thread as for the others where there
    /// are enough vectors.
    package init(vectors: Int, vectorsPerPanel: Int, threads: Int) {
        self.init(0 ..< vectors, vectorsPerPanel: vectorsPerPanel, threads: threads)
    }

    /// The same for some of the vectors.
    package init(_ range: Range<Int>, vectorsPerPanel: Int, threads: Int) {
        (first, vectors) = (range.lowerBound, range.count)
        let panels = (vectors + vectorsPerPanel - 1) / vectorsPerPanel
        count = min(vectors, (panels + threads - 1) / threads * threads)
    }

    package subscript(tile: Int) -> Range<Int> { first + tile * vectors / count ..< first + (tile + 1) * vectors / count }
}
