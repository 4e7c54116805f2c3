import ForwardOperators
import Glibc

/// What a point spread that is stretched, or another, lets through at the frequencies of a block.
package enum StretchedSpread {
    /// The point spread with all lengths times a factor; 1 is the point spread itself.
    case stretched(PointSpread, by: Double)
    /// A Gaussian of this deviation, in pixels.
    case gaussian(Double)

    /// |A|^2 at each frequency of the spectrum, with A = 1 for a constant picture, as the taper of its blocks blurs it: that of a stretched one by
    ///
    ///     A_s(k) = A(s k) sinc(s k) / sinc(k),
    ///
    /// for which each entry of the point spread is a square of light one pixel wide, s pixels when stretched.
    package func squaredTransfer(at spectrum: BlockSpectrum) -> [Double] {
        let (height, columns) = (spectrum.height, spectrum.width / 2 + 1)
        let down = (0 ..< height).map { Double($0 <= (height - 1) / 2 ? $0 : $0 - height) / Double(height) }
        let across = (0 ..< columns).map { Double($0) / Double(spectrum.width) }
        let grid = squaredTransfer(down, across)
        guard spectrum.isTapered else { return spectrum.frequencies.map { grid[$0.row * columns + $0.column] } }
        func value(_ row: Int, _ column: Int) -> Double {
            if column < 0 { return value(-row, -column) }
            if column >= columns { return value(-row, spectrum.width - column) }
            return grid[(row + 2 * height) % height * columns + column]
        }
        // The spectrum of a Hann taper, squared: 1/6, 2/3 and 1/6 in each direction.
        func blurred(_ row: Int, _ column: Int) -> Double {
            (value(row, column - 1) + 4 * value(row, column) + value(row, column + 1)) / 6
        }
        return spectrum.frequencies.map { k in
            (blurred(k.row - 1, k.column) + 4 * blurred(k.row, k.column) + blurred(k.row + 1, k.column)) / 6
        }
    }

    private func squaredTransfer(_ down: [Double], _ across: [Double]) -> [Double] {
        switch self {
        case .gaussian(let deviation):
            let factor = -4 * Double.pi * Double.pi * deviation * deviation
            return down.flatMap { row in across.map { exp(factor * (row * row + $0 * $0)) } }
        case .stretched(let pointSpread, let factor):
            let total = pointSpread.values.reduce(0) { $0 + Double($1) }
            return Self.squaredTransform(of: pointSpread, down.map { factor * $0 }, across.map { factor * $0 }, total: total)
                .enumerated().map { index, square in
                    guard factor != 1 else { return square }
                    let (row, column) = (down[index / across.count], across[index % across.count])
                    let pixel = Self.sinc(factor * row) * Self.sinc(factor * column) / (Self.sinc(row) * Self.sinc(column))
                    return min(1, square * pixel * pixel)
                }
        }
    }

    /// |sum over a, b of p[a, b] e^(-2 pi i (row a + column b)) / total|^2, first over the rows of p, then its columns.
    private static func squaredTransform(of p: PointSpread, _ rows: [Double], _ columns: [Double], total: Double) -> [Double] {
        func waves(_ frequency: Double, _ count: Int) -> [(cos: Double, sin: Double)] {
            (0 ..< count).map { (cos(2 * .pi * frequency * Double($0)), -sin(2 * .pi * frequency * Double($0))) }
        }
        let values = p.values.map { Double($0) / total }
        let across = columns.map { waves($0, p.width) }
        return rows.flatMap { row in
            let wave = waves(row, p.height)
            let sums = (0 ..< p.width).map { b in
                var (real, imaginary) = (0.0, 0.0)
                for a in 0 ..< p.height {
                    real += values[a * p.width + b] * wave[a].cos
                    imaginary += values[a * p.width + b] * wave[a].sin
                }
                return (real, imaginary)
            }
            return across.map { wave in
                var (real, imaginary) = (0.0, 0.0)
                for (b, sum) in sums.enumerated() {
                    real += sum.0 * wave[b].cos - sum.1 * wave[b].sin
                    imaginary += sum.0 * wave[b].sin + sum.1 * wave[b].cos
                }
                return real * real + imaginary * imaginary
            }
        }
    }

    private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
}

extension PointSpread {
    /// The deviation of its light from where most of it is, in pixels, the mean over both directions; 0 for one that has no light.
    package var deviation: Double {
        var (total, down, across, squares) = (0.0, 0.0, 0.0, 0.0)
        for row in 0 ..< height {
            for column in 0 ..< width {
                let (value, i, j) = (Double(values[row * width + column]), Double(row), Double(column))
                total += value
                down += value * i
                across += value * j
                squares += value * (i * i + j * j)
            }
        }
        guard total > 0 else { return 0 }
        let variance = (squares / total - (down / total) * (down / total) - (across / total) * (across / total)) / 2
        return max(0, variance).squareRoot()
    }
}
