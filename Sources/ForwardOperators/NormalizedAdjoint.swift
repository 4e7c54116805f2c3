import KernelInterface

extension ForwardOperator {
    /// A first image x0 from a measurement: what was measured, put back in its place, and 0 where nothing was.
    ///
    /// Where no entry of A is negative, x0 = A' y / A' 1, pixel by pixel: a mean of the measured values that a pixel went
    /// into, by their weights. A pixel with (A' 1) below 1/1000 of the largest counts as not observed and gets 0, because
    /// its quotient would be mostly noise and rounding.
    ///
    /// Where A has negative entries, A' 1 says nothing, and x0 = t A' y with t = |A' y|^2 / |A A' y|^2. This is the point on
    /// the line of steepest descent from 0 that fits y best, so |A x0 - y| <= |y|. For a Gaussian matrix with far fewer
    /// measurements than pixels it is close to the pseudo-inverse.
    ///
    /// On the model's range, 0 is mid-grey: give it `ModelRange.measurement(y, of: A)` for y.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    package func normalizedAdjoint(_ measurement: [Float]) throws(OperatorError) -> [Float] {
        let spread = try adjoint(measurement)
        if isNonnegative {
            let weights = try adjoint([Float](repeating: 1, count: measurementShape.count))
            let threshold = 1e-3 * (weights.max() ?? 0)
            return zip(spread, weights).map { value, weight in weight > threshold ? value / weight : 0 }
        }
        let step = sumOfSquares(spread) / sumOfSquares(try apply(spread))
        return spread.map { step.isFinite ? Float(step * Double($0)) : 0 }
    }
}
