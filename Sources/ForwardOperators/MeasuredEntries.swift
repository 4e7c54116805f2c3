extension ForwardOperator {
    /// Which of the `measurementShape.count` numbers of y are measured: all but those that `eraseUnmeasured` sets to 0.
    public func measuredEntries() -> [Bool] {
        var ones = [Float](repeating: 1, count: measurementShape.count)
        ones.withUnsafeMutableBufferPointer { ones in
            if let base = ones.baseAddress { eraseUnmeasured(base) }
        }
        return ones.map { $0 != 0 }
    }

    /// How many numbers of y are measured.
    public var measuredCount: Int { measuredEntries().count { $0 } }

    /// r = A x - y, 0 where nothing is measured.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    public func residual(_ image: [Float], measurement: [Float]) throws -> [Float] {
        try OperatorError.requireCount(measurement.count, measurementShape.count, of: "measurement")
        var residual = zip(try apply(image), measurement).map { $0 - $1 }
        residual.withUnsafeMutableBufferPointer { residual in
            if let base = residual.baseAddress { eraseUnmeasured(base) }
        }
        return residual
    }
}
