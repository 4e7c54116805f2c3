import KernelDispatch
import KernelInterface
import TestSupport
import Testing

@Suite struct VectorBodiesTests {
    private static let counts = [0, 1, 7, 8, 9, 16, 31, 1000]

    /// Products of two floats are exact in Double, so only the sum rounds: less than once for each element.
    @Test(arguments: InstructionSet.supported, counts) func dotIsTheSumOfProducts(set: InstructionSet, count: Int) {
        let (a, b) = (signedNumbers(count, seed: 1), signedNumbers(count, seed: 2))
        let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(set.table.dot(a, b, count) - expected) <= Double(count * count) * 0x1p-53)
    }

    @Test(arguments: InstructionSet.supported, counts) func addScaledRoundsTwice(set: InstructionSet, count: Int) {
        let (a, b) = (signedNumbers(count, seed: 1), signedNumbers(count, seed: 2))
        let scale: Float = 0.3
        var result = [Float](repeating: .nan, count: count + 1)
        set.table.addScaled(a, scale, b, &result, count)
        let expected = zip(a, b).map { a, b in
            let product = Float(b * scale)
            return product + a
        }
        #expect(Array(result.prefix(count)) == expected)
        #expect(result[count].isNaN, "nothing is written behind the last element")
        var inPlace = a
        inPlace.withUnsafeMutableBufferPointer { a in
            guard let a = a.baseAddress else { return }
            set.table.addScaled(a, scale, b, a, count)
        }
        #expect(inPlace == expected)
    }

    @Test(arguments: counts) func everySetGivesTheSameBits(count: Int) {
        let (a, b) = (signedNumbers(count, seed: 3), signedNumbers(count, seed: 4))
        let sums = InstructionSet.supported.map { $0.table.dot(a, b, count).bitPattern }
        #expect(Set(sums).count == 1)
    }
}
