import Glibc

extension PointSpread {
    /// p[a, b] proportional to exp(-(a^2 + b^2) / (2 sigma^2)) for |a|, |b| <= 4 sigma rounded up, with a sum of 1.
    ///
    /// - Throws: `OperatorError.outOfRange` when `sigma` is not above 0 or the point spread has more than `largestSide` rows.
    public static func gaussian(sigma: Double) throws(OperatorError) -> PointSpread {
        try requireDeviation(sigma)
        let radius = Int((4 * sigma).rounded(.up))
        let profile = (-radius ... radius).map { offset in
            let deviations = Double(offset) / sigma
            return exp(-0.5 * deviations * deviations)
        }
        return try PointSpread(
            height: profile.count, width: profile.count,
            normalizing: profile.flatMap { row in profile.map { row * $0 } })
    }

    /// A Gaussian of the deviation `along` in one direction and `across` at right angles to it, with a sum of 1, up to four deviations of
    /// the rows and columns rounded up.
    ///
    /// The angle is counter-clockwise from the direction of the rows, as one sees the image: with 0 `along` is horizontal.
    ///
    /// - Throws: `OperatorError.outOfRange` when a deviation is not above 0 or too large, as for `gaussian(sigma:)`, or the angle not finite.
    public static func gaussian(along: Double, across: Double, angleDegrees: Double) throws(OperatorError) -> PointSpread {
        try requireDeviation(along)
        try requireDeviation(across)
        try require(
            angleDegrees.isFinite, "the angle of the Gaussian point spread", "\(angleDegrees)", "a finite number of degrees")
        let angle = angleDegrees.truncatingRemainder(dividingBy: 180) * .pi / 180
        let (right, up) = (cos(angle), sin(angle))
        func radius(_ a: Double, _ b: Double) -> Int {
            // Rounding must not make the side of a horizontal or vertical one longer.
            Int((4 * (along * along * a * a + across * across * b * b).squareRoot() - 1e-9).rounded(.up))
        }
        let (rows, columns) = (radius(up, right), radius(right, up))
        let weights = (-rows ... rows).flatMap { row in
            (-columns ... columns).map { column in
                let t = (Double(column) * right - Double(row) * up) / along
                let u = (Double(column) * up + Double(row) * right) / across
                return exp(-0.5 * (t * t + u * u))
            }
        }
        return try PointSpread(height: 2 * rows + 1, width: 2 * columns + 1, normalizing: weights)
    }

    private static func requireDeviation(_ sigma: Double) throws(OperatorError) {
        let largest = Double(largestSide / 2) / 4
        try require(
            sigma > 0 && sigma <= largest, "the sigma of the Gaussian point spread", "\(sigma)",
            "above 0 and at most \(largest)")
    }
}
