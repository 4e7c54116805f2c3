import Glibc

/// The point spread function p of a blur: what one bright pixel becomes.
///
/// `values` is row-major, `height` x `width`. Its centre is the entry (height / 2, width / 2), rounded down: the middle of an
/// odd size, and the lower right one of the two or four middle entries of an even size, as in scipy.ndimage.convolve. An
/// entry below and right of the centre moves light down and right.
public struct PointSpread: Hashable, Sendable {
    public let height: Int
    public let width: Int
    public let values: [Float]

    /// Largest height and width of a point spread made from parameters.
    public static let largestSide = 1023

    /// A point spread as given, not normalized; see `normalized()`.
    ///
    /// - Throws: `OperatorError` when a side is below 1, `values` has not height * width numbers, or one is not finite.
    public init(height: Int, width: Int, values: [Float]) throws {
        let (count, overflows) = height.multipliedReportingOverflow(by: width)
        guard height >= 1, width >= 1, !overflows else {
            throw OperatorError.outOfRange(
                parameter: "the size of the point spread", value: "\(height)x\(width)", allowed: "at least 1x1")
        }
        try OperatorError.requireCount(values.count, count, of: "point spread")
        try OperatorError.requireFinite(values, "point spread")
        self.height = height
        self.width = width
        self.values = values
    }

    /// Normalizes to a sum of 1; the division is in Double and rounds each entry once.
    ///
    /// The magnitudes must not cancel: |sum| >= 1e-6 * sum of magnitudes is asked for.
    private init(height: Int, width: Int, normalizing weights: [Double]) throws {
        let sum = weights.reduce(0, +)
        let magnitude = weights.reduce(0) { $0 + abs($1) }
        guard magnitude > 0, abs(sum) >= 1e-6 * magnitude else { throw OperatorError.pointSpreadSumsToZero }
        try self.init(height: height, width: width, values: weights.map { Float($0 / sum) })
    }

    /// The same shape with a sum of 1, so that a blur keeps the mean brightness.
    ///
    /// - Throws: `OperatorError.pointSpreadSumsToZero` when |sum| is below 1e-6 of the sum of magnitudes.
    public func normalized() throws -> PointSpread {
        try PointSpread(height: height, width: width, normalizing: values.map(Double.init))
    }

    /// The mean over `size` x `size` pixels.
    ///
    /// - Throws: `OperatorError.outOfRange` when `size` is not in 1 ... `largestSide`.
    public static func uniform(_ size: Int) throws -> PointSpread {
        try require(size >= 1 && size <= largestSide, "the size of the uniform point spread", "\(size)", "1 to \(largestSide)")
        return try PointSpread(
            height: size, width: size, normalizing: [Double](repeating: 1, count: size * size))
    }

    /// p[a, b] proportional to exp(-(a^2 + b^2) / (2 sigma^2)) for |a|, |b| <= 4 sigma rounded up, with a sum of 1.
    ///
    /// - Throws: `OperatorError.outOfRange` when `sigma` is not above 0 or the point spread has more than `largestSide` rows.
    public static func gaussian(sigma: Double) throws -> PointSpread {
        let largestRadius = largestSide / 2
        let largestSigma = Double(largestRadius) / 4
        try require(
            sigma > 0 && sigma <= largestSigma, "the sigma of the Gaussian point spread", "\(sigma)",
            "above 0 and at most \(largestSigma)")
        let radius = Int((4 * sigma).rounded(.up))
        let profile = (-radius ... radius).map { offset in
            let deviations = Double(offset) / sigma
            return exp(-0.5 * deviations * deviations)
        }
        return try PointSpread(
            height: profile.count, width: profile.count,
            normalizing: profile.flatMap { row in profile.map { row * $0 } })
    }

    /// Motion along a straight line, with a sum of 1: an entry is proportional to the length of line in its pixel's unit square.
    ///
    /// The line is centred on the centre of the middle pixel. The angle is counter-clockwise from the direction of the rows,
    /// as one sees the image, row 0 at the top: 0 moves horizontally, 90 vertically. An odd whole length at 0 degrees is the
    /// mean over that many pixels.
    ///
    /// - Throws: `OperatorError.outOfRange` when `length` is not above 0 or above `largestSide`, or `angleDegrees` not finite.
    public static func motion(length: Double, angleDegrees: Double) throws -> PointSpread {
        try require(
            length > 0 && length <= Double(largestSide), "the length of the motion", "\(length)",
            "above 0 and at most \(largestSide)")
        try require(angleDegrees.isFinite, "the angle of the motion", "\(angleDegrees)", "a finite number of degrees")
        let segment = Segment(length: length, angleDegrees: angleDegrees)
        let rowRadius = segment.pixelRadius(along: segment.down)
        let columnRadius = segment.pixelRadius(along: segment.right)
        let weights = (-rowRadius ... rowRadius).flatMap { row in
            (-columnRadius ... columnRadius).map { column in segment.length(inPixelAt: row, column) }
        }
        return try PointSpread(height: 2 * rowRadius + 1, width: 2 * columnRadius + 1, normalizing: weights)
    }

    private static func require(_ holds: Bool, _ parameter: String, _ value: String, _ allowed: String) throws {
        if !holds { throw OperatorError.outOfRange(parameter: parameter, value: value, allowed: allowed) }
    }
}

/// The points t (right, down) with |t| <= length / 2, in units of a pixel, from the centre of pixel (0, 0).
private struct Segment {
    let halfLength: Double
    let right: Double
    let down: Double

    init(length: Double, angleDegrees: Double) {
        halfLength = length / 2
        let angle = angleDegrees.truncatingRemainder(dividingBy: 180) * .pi / 180
        right = Segment.snapped(cos(angle))
        down = Segment.snapped(-sin(angle))
    }

    /// Rounding must not tilt a horizontal or vertical line: it would reach into one more row or column.
    private static func snapped(_ component: Double) -> Double {
        abs(component) < 1e-12 ? 0 : component
    }

    /// How many pixels the line reaches from the middle one along an axis; a touch of less than 1e-9 pixel does not count.
    func pixelRadius(along component: Double) -> Int {
        max(0, Int((halfLength * abs(component) - 0.5 - 1e-9).rounded(.up)))
    }

    /// The length of line in the unit square around (row, column), by clipping t to the square's two strips.
    func length(inPixelAt row: Int, _ column: Int) -> Double {
        var first = -halfLength
        var last = halfLength
        for (component, centre) in [(right, Double(column)), (down, Double(row))] {
            if component == 0 {
                if centre != 0 { return 0 }
            } else {
                let ends = ((centre - 0.5) / component, (centre + 0.5) / component)
                first = max(first, min(ends.0, ends.1))
                last = min(last, max(ends.0, ends.1))
            }
        }
        return max(0, last - first)
    }
}
