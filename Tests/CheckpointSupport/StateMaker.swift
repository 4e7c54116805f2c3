import Glibc

/// A tensor of a state dict that a test makes.
package struct MadeTensor {
    package var shape: [Int]
    package var values: [Double]

    package init(shape: [Int], values: [Double]) { (self.shape, self.values) = (shape, values) }
}

/// Draws the weights of a network as a test asks for them, and keeps them by the names that the family gives them.
///
/// A twin of a family's code asks for each weight where the code uses it: what it computes and the state dict belong together.
package final class StateMaker {
    package private(set) var state: [String: MadeTensor] = [:]
    private var generator: Generator

    init(seed: UInt64) { generator = Generator(state: seed) }

    /// Knuth's linear congruential generator.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 33) &* 0xFF51_AFD7_ED55_8CCD
        }

        mutating func nextUniform() -> Float { Float(next() >> 40) * 0x1p-24 }
    }

    /// Uniform numbers around `centre`, which single precision holds.
    @discardableResult
    func tensor(_ key: String, _ shape: [Int], _ reach: Float, around centre: Float = 0) -> [Double] {
        let values = (0 ..< shape.reduce(1, *)).map { _ in Double(centre + reach * (2 * generator.nextUniform() - 1)) }
        return keep(key, shape, values)
    }

    @discardableResult
    func keep(_ key: String, _ shape: [Int], _ values: [Double]) -> [Double] {
        state[key] = MadeTensor(shape: shape, values: values)
        return values
    }

    func permutation(_ count: Int) -> [Int] { Array(0 ..< count).shuffled(using: &generator) }

    /// A square matrix near the identity.
    func matrix(_ key: String, _ order: Int, shape: [Int]? = nil) -> [Double] {
        let near = tensor(key, shape ?? [order, order], 0.2)
        return keep(key, shape ?? [order, order], near.enumerated().map { Double(Float($1 + ($0 % (order + 1) == 0 ? 1 : 0))) })
    }

    /// LU factors, applied one after the other; returns y and log|det| for each pixel. What is not used is filled with numbers that would show.
    func factors(_ x: Volume, p: String, lower: String, upper: String, sign: String, logs: String) -> (y: Volume, logDeterminant: Double) {
        let n = x.channels
        let order = permutation(n)
        var permutationMatrix = [Double](repeating: 0, count: n * n)
        for (row, column) in order.enumerated() { permutationMatrix[row * n + column] = 1 }
        keep(p, [n, n], permutationMatrix)
        let l = tensor(lower, [n, n], 0.2)
        let u = tensor(upper, [n, n], 0.2)
        let s = keep(sign, [n], (0 ..< n).map { $0 % 3 == 0 ? -1 : 1 })
        let logScales = tensor(logs, [n], 0.2)
        let first = x.mixed(u.enumerated().map { $0 / n < $0 % n ? $1 : $0 / n == $0 % n ? s[$0 / n] * exp(logScales[$0 / n]) : 0 })
        let second = first.mixed(l.enumerated().map { $0 / n > $0 % n ? $1 : $0 / n == $0 % n ? 1 : 0 })
        return (second.mixed(permutationMatrix), logScales.reduce(0, +))
    }
}
