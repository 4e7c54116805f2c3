import KernelInterface

/// The simulation of a measurement: y = A u + sigma e, with u on the [0, 1] scale and e independent standard normal.
///
/// The k-th number of y takes the k-th number of the stream `.noise` of `seed`, also where a mask removes it: there y is
/// exactly 0, and elsewhere the noise does not depend on the mask. Nothing is clipped.
package struct Degradation: Sendable {
    package let forwardOperator: any ForwardOperator
    package let noiseDeviation: Double
    package let seed: UInt64

    /// `noiseDeviation` is sigma, on the [0, 1] scale.
    ///
    /// - Throws: `OperatorError.outOfRange` when sigma is negative, NaN or infinite.
    package init(_ forwardOperator: any ForwardOperator, noiseDeviation: Double, seed: UInt64) throws {
        guard noiseDeviation >= 0, noiseDeviation.isFinite else {
            throw OperatorError.outOfRange(
                parameter: "the noise deviation", value: "\(noiseDeviation)", allowed: "0 or more, and finite")
        }
        self.forwardOperator = forwardOperator
        self.noiseDeviation = noiseDeviation
        self.seed = seed
    }

    /// y from u.
    ///
    /// - Throws: `OperatorError` when the image has not `imageShape.count` numbers or one is not finite.
    package func measure(_ image: [Float]) throws -> [Float] {
        try OperatorError.requireFinite(image, "image")
        var generator = SeededGenerator(seed: seed, stream: .noise)
        var measurement = try forwardOperator.apply(image).map { clean in
            Float(Double(clean) + noiseDeviation * generator.nextNormal())
        }
        var span = measurement.mutableSpan
        forwardOperator.eraseUnmeasured(&span)
        return measurement
    }
}
