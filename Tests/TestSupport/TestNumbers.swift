import KernelInterface

/// Repeatable numbers of Knuth's linear congruential generator, so that no test needs the generator of the product.
package struct TestGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// In [0, 1), a multiple of 2^-24.
    package mutating func nextUniform() -> Float {
        step()
        return Float(state >> 40) * 0x1p-24
    }

    /// All bits, the high ones folded down.
    package mutating func next() -> UInt64 {
        step()
        return (state ^ state >> 33) &* 0xFF51_AFD7_ED55_8CCD
    }

    private mutating func step() { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
}

/// Repeatable numbers in [0, 1).
package func uniformNumbers(_ count: Int, seed: UInt64) -> [Float] {
    var generator = TestGenerator(seed: seed)
    return (0 ..< count).map { _ in generator.nextUniform() }
}

/// Repeatable numbers in [-1, 1).
package func signedNumbers(_ count: Int, seed: UInt64) -> [Float] {
    uniformNumbers(count, seed: seed).map { 2 * $0 - 1 }
}

/// Repeatable normal numbers.
package func normalNumbers(_ count: Int, seed: UInt64) -> [Float] {
    ReferenceMatrix.normal(rows: count, columns: 1, seed: seed).values.map { Float($0) }
}
