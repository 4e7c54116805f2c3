extension ForwardOperator {
    /// Which of the `measurementShape.count` numbers of y are measured: all but those that `eraseUnmeasured` sets to 0.
    package func measuredEntries() -> [Bool] {
        var ones = [Float](repeating: 1, count: measurementShape.count)
        var span = ones.mutableSpan
        eraseUnmeasured(&span)
        return ones.map { $0 != 0 }
    }

    /// Which of the `measurementShape.pixels` pixels of y are measured in all channels.
    package func measuredPixels() -> [Bool] {
        let (measured, pixels) = (measuredEntries(), measurementShape.pixels)
        return (0 ..< pixels).map { pixel in (0 ..< measurementShape.channels).allSatisfy { measured[$0 * pixels + pixel] } }
    }

    /// The measurement with 0 where nothing is measured, whatever it has there.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    package func erasingUnmeasured(_ measurement: [Float]) throws(OperatorError) -> [Float] {
        try OperatorError.requireCount(measurement.count, measurementShape.count, of: "measurement")
        var measurement = measurement
        var span = measurement.mutableSpan
        eraseUnmeasured(&span)
        return measurement
    }

    /// How many numbers of y are measured.
    package var measuredCount: Int { measuredEntries().count { $0 } }

    /// r = A x - y, 0 where nothing is measured.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    package func residual(_ image: [Float], measurement: [Float]) throws(OperatorError) -> [Float] {
        try OperatorError.requireCount(measurement.count, measurementShape.count, of: "measurement")
        return try erasingUnmeasured(zip(try apply(image), measurement).map { $0 - $1 })
    }
}
