import KernelInterface

extension ForwardOperator {
    /// An estimate of |A|, the largest singular value, by power iteration on A' A from a random image.
    ///
    /// Always a lower bound, up to rounding, that grows with `iterations`; a step of 1 / |A|^2 needs a margin. 0 for A = 0.
    package func largestSingularValue(iterations: Int = 30, seed: UInt64 = 0) throws -> Double {
        var generator = SeededGenerator(seed: seed, stream: .powerIteration)
        var image = unit((0 ..< imageShape.count).map { _ in Float(generator.nextNormal()) })
        for _ in 0 ..< max(0, iterations) {
            image = unit(try adjoint(try apply(image)))
        }
        return sumOfSquares(try apply(image)).squareRoot()
    }
}

/// v / |v|, and 0 for v = 0.
private func unit(_ vector: [Float]) -> [Float] {
    let norm = sumOfSquares(vector).squareRoot()
    return norm > 0 ? vector.map { Float(Double($0) / norm) } : vector
}

/// |v|^2 in Double, added from first to last.
func sumOfSquares(_ vector: [Float]) -> Double {
    vector.reduce(0) { $0 + Double($1) * Double($1) }
}
