import KernelInterface

/// Half of the brightest pixel value. Images of the model's range are x = u - 0.5, for pixel values u on the [0, 1] scale.
private let midGrey: Float = 0.5

extension ForwardOperator {
    /// The measurement as one of x = u - 0.5 instead of u: y = A u + noise becomes y - A(0.5) = A x + noise.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    public func onModelRange(_ measurement: [Float]) throws -> [Float] {
        try OperatorError.requireCount(measurement.count, measurementShape.count, of: "measurement")
        let grey = try apply([Float](repeating: midGrey, count: imageShape.count))
        return zip(measurement, grey).map { $0 - $1 }
    }
}
