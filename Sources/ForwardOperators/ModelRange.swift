import KernelInterface

extension ForwardOperator {
    /// The measurement as one of x = u + pixelShift instead of u, for pixel values u on the [0, 1] scale: y = A u + noise
    /// becomes y + A(pixelShift) = A x + noise.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    package func onModelRange(_ measurement: [Float], pixelShift: Float = -0.5) throws -> [Float] {
        try OperatorError.requireCount(measurement.count, measurementShape.count, of: "measurement")
        let shift = try apply([Float](repeating: pixelShift, count: imageShape.count))
        return zip(measurement, shift).map { $0 + $1 }
    }
}
