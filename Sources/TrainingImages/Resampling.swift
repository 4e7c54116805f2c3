/// Shrinks a square of an image by a factor s without aliasing, by cubic convolution along rows and columns.
///
/// Pixel i of the crop lies at c = corner + (i + 1/2) s. It is the mean of the pixels k with |k + 1/2 - c| < 2 s, weighted by
/// h((k + 1/2 - c) / s), the Catmull-Rom cubic stretched by s so that it passes no frequency that the crop cannot hold:
///
///     h(t) = 1 - 5/2 t^2 + 3/2 |t|^3           |t| < 1
///     h(t) = 2 - 4 |t| + 5/2 t^2 - 1/2 |t|^3   1 <= |t| < 2
///
/// Weights are scaled to a sum of 1, at the image's border among the pixels that exist. The result is clipped and rounded to
/// bytes, so a shrunk crop is an 8 bit image like any other. Keys, "Cubic convolution interpolation for digital image
/// processing", 1981.
struct Resampling {
    /// What one pixel of the crop takes along one axis: `weights[j]` of pixel `first + j`.
    private struct Taps {
        let first: Int
        let weights: [Float]
    }

    private let size: Int
    private let rows: [Taps]
    private let columns: [Taps]

    init(_ crop: Crop, of image: ColourBytes) {
        size = crop.size
        rows = Self.taps(corner: crop.top, count: crop.size, shrink: crop.shrink, length: image.height)
        columns = Self.taps(corner: crop.left, count: crop.size, shrink: crop.shrink, length: image.width)
    }

    /// Three planes of size x size.
    func bytes(of image: ColourBytes) -> [UInt8] {
        let firstRow = rows.first?.first ?? 0
        let endRow = rows.last.map { $0.first + $0.weights.count } ?? 0
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * size * size)
        for channel in 0 ..< 3 {
            // (endRow - firstRow) x size: the rows that the crop needs, shrunk.
            var across: [Float] = []
            for row in firstRow ..< endRow {
                let start = (channel * image.height + row) * image.width
                for taps in columns {
                    var sum: Float = 0
                    for (j, weight) in taps.weights.enumerated() { sum += weight * Float(image.samples[start + taps.first + j]) }
                    across.append(sum)
                }
            }
            for taps in rows {
                for column in 0 ..< size {
                    var sum: Float = 0
                    for (j, weight) in taps.weights.enumerated() {
                        sum += weight * across[(taps.first - firstRow + j) * size + column]
                    }
                    bytes.append(UInt8(min(max(sum, 0), 255).rounded()))
                }
            }
        }
        return bytes
    }

    private static func taps(corner: Double, count: Int, shrink: Double, length: Int) -> [Taps] {
        (0 ..< count).map { index in
            let centre = corner + (Double(index) + 0.5) * shrink
            let first = max(0, Int((centre - 2 * shrink).rounded(.down)))
            let end = min(length, Int((centre + 2 * shrink).rounded(.up)))
            let weights = (first ..< max(first, end)).map { Self.cubic((Double($0) + 0.5 - centre) / shrink) }
            let sum = weights.reduce(0, +)
            return Taps(first: first, weights: weights.map { Float($0 / sum) })
        }
    }

    private static func cubic(_ offset: Double) -> Double {
        let t = abs(offset)
        if t < 1 { return 1 + t * t * (1.5 * t - 2.5) }
        if t < 2 { return 2 + t * (t * (2.5 - 0.5 * t) - 4) }
        return 0
    }
}
