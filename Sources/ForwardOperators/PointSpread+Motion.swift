import Glibc

extension PointSpread {
    /// Motion along a straight line, with a sum of 1: an entry is proportional to the length of line in its pixel's unit square.
    ///
    /// The line is centred on the centre of the middle pixel. The angle is counter-clockwise from the direction of the rows,
    /// as one sees the image, row 0 at the top: 0 moves horizontally, 90 vertically. An odd whole length at 0 degrees is the
    /// mean over that many pixels.
    ///
    /// - Throws: `OperatorError.outOfRange` when `length` is not above 0 or above `largestSide`, or `angleDegrees` not finite.
    public static func motion(length: Double, angleDegrees: Double) throws(OperatorError) -> PointSpread {
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
