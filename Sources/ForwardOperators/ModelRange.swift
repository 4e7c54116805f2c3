import KernelInterface

/// The change between pixel values u on the [0, 1] scale, which users have, and the model's images x = u + `pixelShift`.
package struct ModelRange: Sendable, Hashable {
    /// What x has more than u.
    package let pixelShift: Float

    package init(pixelShift: Float = -0.5) {
        self.pixelShift = pixelShift
    }

    /// Returns x for pixels u.
    package func image(_ pixels: [Float]) -> [Float] { pixels.map { $0 + pixelShift } }

    /// Returns u for an image x.
    package func pixels(_ image: [Float]) -> [Float] { image.map { $0 - pixelShift } }

    /// Returns the measurement as one of x instead of u: y = A u + noise becomes y + A(pixelShift) = A x + noise.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    package func measurement(_ measurement: [Float], of forwardOperator: any ForwardOperator) throws(OperatorError) -> [Float] {
        try OperatorError.requireCount(measurement.count, forwardOperator.measurementShape.count, of: "measurement")
        let shift = try forwardOperator.apply([Float](repeating: pixelShift, count: forwardOperator.imageShape.count))
        return zip(measurement, shift).map { $0 + $1 }
    }
}
