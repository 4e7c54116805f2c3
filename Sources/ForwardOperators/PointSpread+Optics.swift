import Glibc

extension PointSpread {
    /// A lens out of focus: a disk of even brightness with this radius in pixels, with a sum of 1.
    ///
    /// It is centred on the centre of the middle pixel. An entry is the part of its pixel's unit square that the disk covers, so that its
    /// edge is smooth and any radius has its own point spread.
    ///
    /// - Throws: `OperatorError.outOfRange` when `radius` is not above 0 or above `largestSide` / 2.
    public static func disk(radius: Double) throws(OperatorError) -> PointSpread {
        let largest = Double(largestSide / 2)
        try require(radius > 0 && radius <= largest, "the radius of the disk", "\(radius)", "above 0 and at most \(largest)")
        let reach = max(0, Int((radius - 0.5 - 1e-9).rounded(.up)))
        let weights = (-reach ... reach).flatMap { row in
            (-reach ... reach).map { column in Disk(radius: radius).areaInPixel(at: Double(row), Double(column)) }
        }
        return try PointSpread(height: 2 * reach + 1, width: 2 * reach + 1, normalizing: weights)
    }

    /// The diffraction of a round aperture, the Airy pattern, with a sum of 1:
    ///
    ///     (2 J1(v) / v)^2,    v = 3.8317 r / firstZero
    ///
    /// `firstZero` is the radius of the first dark ring in pixels: 1.22 times wavelength times f-number over the pixel's pitch. An entry is
    /// the mean over its pixel's unit square. The rows and columns reach four times as far as the first dark ring, which is 96 % of the light.
    ///
    /// - Throws: `OperatorError.outOfRange` when `firstZero` is below 0.1 or so large that there are more than `largestSide` rows.
    public static func airy(firstZero: Double) throws(OperatorError) -> PointSpread {
        let largest = Double((largestSide / 2) / 4)
        try require(
            firstZero >= 0.1 && firstZero <= largest, "the radius of the first dark ring of the Airy pattern", "\(firstZero)",
            "from 0.1 to \(largest)")
        let reach = Int((4 * firstZero - 1e-9).rounded(.up))
        let positions = QuadraturePositions(cells: Int((2 / firstZero).rounded(.up)))
        let quadrant = (0 ... reach).map { row in
            (0 ... reach).map { column in
                positions.mean { down, right in
                    airyBrightness(at: hypot(Double(row) + down, Double(column) + right) / firstZero)
                }
            }
        }
        let weights = (-reach ... reach).flatMap { row in (-reach ... reach).map { quadrant[abs(row)][abs($0)] } }
        return try PointSpread(height: 2 * reach + 1, width: 2 * reach + 1, normalizing: weights)
    }
}

/// (2 J1(v) / v)^2 at v = 3.8317 times this radius.
private func airyBrightness(at radius: Double) -> Double {
    let firstZeroOfJ1 = 3.8317059702075125
    let v = firstZeroOfJ1 * radius
    guard v > 1e-6 else { return 1 }
    let amplitude = 2 * j1(v) / v
    return amplitude * amplitude
}

/// A disk around the centre of pixel (0, 0).
private struct Disk {
    let radius: Double

    /// The area of the disk in the unit square around (row, column).
    func areaInPixel(at row: Double, _ column: Double) -> Double {
        let (top, bottom, left, right) = (row - 0.5, row + 0.5, column - 0.5, column + 0.5)
        return max(0, area(bottom, right) - area(top, right) - area(bottom, left) + area(top, left))
    }

    /// The area of the disk between both axes and the lines through (x, y), with the sign of x y.
    private func area(_ x: Double, _ y: Double) -> Double {
        let size = quadrantArea(min(abs(x), radius), min(abs(y), radius))
        return (x < 0) == (y < 0) ? size : -size
    }

    /// The integral over t from 0 to x of min(y, sqrt(radius^2 - t^2)).
    private func quadrantArea(_ x: Double, _ y: Double) -> Double {
        let meeting = (radius * radius - y * y).squareRoot()
        if x <= meeting { return x * y }
        return meeting * y + segmentIntegral(x) - segmentIntegral(meeting)
    }

    /// The integral of sqrt(radius^2 - t^2).
    private func segmentIntegral(_ t: Double) -> Double {
        let height = max(0, radius * radius - t * t).squareRoot()
        return (t * height + radius * radius * asin(min(1, t / radius))) / 2
    }
}

/// Offsets from a pixel's centre, and weights of a sum of 1, that integrate smooth functions over its unit square: Gauss and Legendre's three
/// points in each of some cells.
private struct QuadraturePositions {
    private let points: [(offset: Double, weight: Double)]

    init(cells: Int) {
        let node = 0.6.squareRoot() / 2
        let size = 1 / Double(cells)
        points = (0 ..< cells).flatMap { cell in
            let centre = (Double(cell) + 0.5) * size - 0.5
            return [(centre - node * size, size * 5 / 18), (centre, size * 4 / 9), (centre + node * size, size * 5 / 18)]
        }
    }

    func mean(_ function: (Double, Double) -> Double) -> Double {
        points.reduce(0) { sum, a in sum + points.reduce(0) { $0 + a.weight * $1.weight * function(a.offset, $1.offset) } }
    }
}
