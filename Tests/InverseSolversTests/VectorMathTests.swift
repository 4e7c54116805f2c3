import InverseSolvers
import TestSupport
import Testing

@Suite struct VectorMathTests {
    @Test(arguments: [0, 1, 7, 8, 9, 100])
    func agreesWithPlainLoops(count: Int) {
        let a = normalNumbers(count, seed: 1)
        let b = normalNumbers(count, seed: 2)
        let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(Vector(a).dot(Vector(b)) - dot) <= 1e-13 * Double(count))

        let sum = Vector(count: count)
        sum.set(Vector(a), plus: -0.5, times: Vector(b))
        #expect(sum.array == zip(a, b).map { $0 + $1 * -0.5 })

        sum.set(3, times: Vector(a))
        #expect(sum.array == a.map { 3 * $0 })
        #expect(Vector(a).maximumMagnitude == Double(a.map(abs).max() ?? 0))
    }

    /// Whichever element is the largest, of either sign, and whatever is not a number beside it.
    @Test func theMaximumMagnitudeIsFoundAnywhere() {
        for position in 0 ..< 19 {
            for largest in [Float(-3), 3, .infinity] {
                var values = (0 ..< 19).map { Float($0 % 5) - 2 }
                values[(position + 1) % 19] = .nan
                values[position] = largest
                #expect(Vector(values).maximumMagnitude == Double(abs(largest)))
            }
        }
    }

    @Test func anElementThatIsNotFiniteShowsInTheNorm() {
        for position in [0, 8, 10] {
            for bad in [Float.nan, .infinity] {
                var values = [Float](repeating: .greatestFiniteMagnitude, count: 11)
                #expect(Vector(values).norm.isFinite)
                values[position] = bad
                #expect(!Vector(values).norm.isFinite)
            }
        }
    }
}
