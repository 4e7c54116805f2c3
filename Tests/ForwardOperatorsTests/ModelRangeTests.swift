import ForwardOperators
import KernelInterface
import TestSupport
import Testing

@Suite struct ModelRangeTests {
    @Test func theModelRangeShiftsByHalf() throws {
        let a = try Blur(imageShape: shape(1, 5, 6), pointSpread: pointSpread(1, 3, [1, 3, -1]), border: .zero)
        let u = uniformNumbers(30, seed: 4)
        let shifted = try ModelRange().measurement(try a.apply(u), of: a)
        let direct = try a.apply(u.map { $0 - 0.5 })
        #expect(largestGap(shifted, direct.map(Double.init)) < 1e-5)
        let mask = try Mask(imageShape: shape(1, 1, 2), keep: [true, false])
        #expect(try ModelRange().measurement([0.75, 0], of: mask) == [0.25, 0])
        #expect(throws: OperatorError.self) { try ModelRange().measurement([1], of: mask) }
        #expect(throws: OperatorError.self) { try mask.normalizedAdjoint([1]) }
    }
}
