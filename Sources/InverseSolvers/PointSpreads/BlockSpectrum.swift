import ForwardOperators
import Glibc
import KernelInterface

/// The power of a picture at the frequencies of a block: of the mean of its channels, the mean over blocks that overlap by half.
///
///     I(k) = |sum over a block of t (y - m) e^(-2 pi i k x)|^2 / |t|^2,    m the mean of y t over that of t
///
/// t is a Hann taper, since a window of a scene does not go on at its edges. A picture that is periodic is one block without a taper.
package struct BlockSpectrum {
    /// Rows and columns of a block.
    package let height, width: Int
    /// Whether t is a taper, and not 1.
    package let isTapered: Bool
    /// I at each of `frequencies`.
    package let powers: [Double]
    /// The frequencies that are looked at.
    package let frequencies: [Frequency]

    /// One of each pair of conjugate frequencies; the slowest, which are of the picture's layout, are left out.
    package struct Frequency {
        /// Row and column of the half spectrum.
        package let row, column: Int
        /// Cycles for each pixel.
        package let down, across: Double
    }

    /// Sides of a block, in pixels; a picture that is periodic may have twice as much.
    private static let side = 64
    /// A picture with a shorter side has too few frequencies.
    package static let leastSide = 32
    /// The slowest cycles in a block that are looked at.
    private static let leastCycles = 2.5

    /// - Parameter isPeriodic: whether the picture goes on beyond its edges as it begins at the opposite ones.
    /// - Returns: nil for a picture with a side below `leastSide`.
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init?(of picture: [Float], _ shape: ImageShape, isPeriodic: Bool) throws {
        guard min(shape.height, shape.width) >= Self.leastSide, picture.count == shape.count else { return nil }
        let isWhole = isPeriodic && max(shape.height, shape.width) <= 2 * Self.side
        isTapered = !isWhole
        let (height, width) = isWhole ? (shape.height, shape.width) : (min(shape.height, Self.side), min(shape.width, Self.side))
        (self.height, self.width) = (height, width)
        frequencies = Self.frequencies(height: height, width: width)
        let mean = (0 ..< shape.pixels).map { pixel in
            (0 ..< shape.channels).reduce(0) { $0 + picture[$1 * shape.pixels + pixel] } / Float(shape.channels)
        }
        let (down, across) = (Self.taper(height, isTapered: isTapered), Self.taper(width, isTapered: isTapered))
        let sum = down.reduce(0, +) * across.reduce(0, +)
        let squares = down.reduce(0) { $0 + $1 * $1 } * across.reduce(0) { $0 + $1 * $1 }
        let spectrum = try PlaneSpectrum(height: height, width: width)
        let (tops, lefts) = (Self.starts(height, in: shape.height), Self.starts(width, in: shape.width))
        let looked = frequencies
        var totals = [Double](repeating: 0, count: looked.count)
        var block = [Float](repeating: 0, count: height * width)
        for top in tops {
            for left in lefts {
                func value(_ row: Int, _ column: Int) -> Double { Double(mean[(top + row) * shape.width + left + column]) }
                var level = 0.0
                for row in 0 ..< height { for column in 0 ..< width { level += down[row] * across[column] * value(row, column) } }
                level /= sum
                for row in 0 ..< height {
                    for column in 0 ..< width {
                        block[row * width + column] = Float(down[row] * across[column] * (value(row, column) - level))
                    }
                }
                block.withElements(at: 0) { spectrum.transform($0) }
                spectrum.withNumbers { numbers in
                    for (index, k) in looked.enumerated() {
                        let number = numbers[k.row * spectrum.rowFrequencies + k.column]
                        totals[index] += Double(number.real) * Double(number.real) + Double(number.imaginary) * Double(number.imaginary)
                    }
                }
            }
        }
        let scale = 1 / (squares * Double(tops.count * lefts.count))
        powers = totals.map { $0 * scale }
    }

    private static func frequencies(height: Int, width: Int) -> [Frequency] {
        let least = leastCycles / Double(min(height, width))
        return (0 ..< height).flatMap { row in
            (0 ... (width - 1) / 2).compactMap { column in
                let down = Double(row <= (height - 1) / 2 ? row : row - height) / Double(height)
                let across = Double(column) / Double(width)
                guard column > 0 || down > 0, hypot(down, across) > least else { return nil }
                return Frequency(row: row, column: column, down: down, across: across)
            }
        }
    }

    private static func taper(_ length: Int, isTapered: Bool) -> [Double] {
        (0 ..< length).map { isTapered ? 0.5 - 0.5 * cos(2 * .pi * Double($0 + 1) / Double(length + 1)) : 1 }
    }

    /// Where blocks begin, so that they cover all and overlap by half or a little more.
    private static func starts(_ block: Int, in length: Int) -> [Int] {
        guard length > block else { return [0] }
        let steps = (2 * (length - block) + block - 1) / block
        return (0 ... steps).map { $0 * (length - block) / steps }
    }
}
