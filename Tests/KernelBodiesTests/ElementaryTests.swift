import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// The accuracy of sigmoid, log sigmoid and 1 - sigmoid, seen through the affine kernels.
@Suite struct ElementaryTests {
    /// Where t = r + 2 lies, and the largest error there in units in the last place of the result.
    struct Accuracy: Sendable, CustomTestStringConvertible {
        let range: ClosedRange<Float>
        let scale, logScale, oneMinusScale: Double
        var testDescription: String { "\(range)" }
    }

    /// e^-|t| is good to 2 ulp. Its sum with 1 and the quotient add one each, so a value that is near one is good to 2, and its
    /// product with e^-|t|, the small one of s and 1 - s, to 4. log(1 + e) is good to 3 ulp from a value good to 2; where t is
    /// negative the difference t - log(1 + e) is larger than either part, which leaves 3.
    static let table = [
        Accuracy(range: -87 ... -20, scale: 4, logScale: 1, oneMinusScale: 1),
        Accuracy(range: -20 ... -1, scale: 4, logScale: 3, oneMinusScale: 2),
        Accuracy(range: -1 ... 0, scale: 4, logScale: 3, oneMinusScale: 2),
        Accuracy(range: 0 ... 1, scale: 2, logScale: 4, oneMinusScale: 4),
        Accuracy(range: 1 ... 20, scale: 2, logScale: 4, oneMinusScale: 4),
        Accuracy(range: 20 ... 87, scale: 1, logScale: 4, oneMinusScale: 4),
    ]

    private static let vectors = 512

    /// s, log s and 1 - s for these t: `affineInverse` of b' = 1 has the slope 1 - s.
    private func sigmoid(_ set: InstructionSet, _ t: [Float]) -> (scale: [Float], logScale: [Float], oneMinusScale: [Float]) {
        let vectors = t.count / set.table.lanes
        func make() -> AffinePanels {
            AffinePanels(set, channels: 1, vectors: vectors, isPoint: true, seed: 1, logits: t.map { $0 - 2 })
        }
        let forward = make()
        set.table.affineForward(forward.arguments(), vectors)
        let inverse = make()
        for pixel in t.indices { inverse.transformed[0, pixel] = 1 }
        set.table.affineInverse(inverse.arguments(), vectors)
        func row(_ panel: GuardedPanel<Float>) -> [Float] { t.indices.map { panel[0, $0] } }
        return (row(forward.scale), row(forward.logScale), row(inverse.slope))
    }

    /// Numbers over a range, ends included, at multiples of 2^-16: then r = t - 2 and r + 2 are exact up to 127.
    private func samples(_ range: ClosedRange<Float>, _ set: InstructionSet) -> [Float] {
        let count = Self.vectors * set.table.lanes
        let places = signedNumbers(count, seed: 41)
        return places.indices.map { index in
            if index < 2 { return index == 0 ? range.lowerBound : range.upperBound }
            let t = range.lowerBound + (places[index] + 1) / 2 * (range.upperBound - range.lowerBound)
            return (t * 0x1p16).rounded() * 0x1p-16
        }
    }

    private func ulps(_ found: Float, _ exact: Double) -> Double {
        abs(Double(found) - exact) / Double(Float(exact).ulp)
    }

    @Test(arguments: InstructionSet.supported, table) func accuracy(set: InstructionSet, bound: Accuracy) {
        let t = samples(bound.range, set)
        let found = sigmoid(set, t)
        var (scale, logScale, oneMinusScale) = (0.0, 0.0, 0.0)
        for (index, t) in t.enumerated() {
            let exact = ReferenceSigmoid(Double(t))
            scale = max(scale, ulps(found.scale[index], exact.scale))
            logScale = max(logScale, ulps(found.logScale[index], exact.logScale))
            oneMinusScale = max(oneMinusScale, ulps(found.oneMinusScale[index], exact.oneMinusScale))
        }
        #expect(scale <= bound.scale)
        #expect(logScale <= bound.logScale)
        #expect(oneMinusScale <= bound.oneMinusScale)
    }

    /// Past +-87 the exponential stays at e^-87, a normal number: nothing becomes zero, infinite or NaN.
    @Test(arguments: InstructionSet.supported) func saturates(set: InstructionSet) {
        let t: [Float] = [-1e30, -1000, -100, -88, 88, 100, 1000, 1e30]
        let count = set.table.lanes
        let found = sigmoid(set, (0 ..< count).map { t[$0 % t.count] })
        for index in t.indices {
            let (near, far) =
                t[index] < 0
                ? (found.oneMinusScale[index], found.scale[index]) : (found.scale[index], found.oneMinusScale[index])
            #expect(near == 1)
            #expect(far > Float.leastNormalMagnitude && far < 1.7e-38)
            #expect(t[index] < 0 ? found.logScale[index] == t[index] : abs(found.logScale[index]) < 1.7e-38)
        }
    }

    /// s + (1 - s) = 1, and s(-t) = 1 - s(t) to the bit, as both take one e^-|t|.
    @Test(arguments: InstructionSet.supported) func isSymmetric(set: InstructionSet) {
        let t = samples(0 ... 30, set)
        let (positive, negative) = (sigmoid(set, t), sigmoid(set, t.map { -$0 }))
        #expect(positive.scale == negative.oneMinusScale)
        #expect(zip(positive.scale, positive.oneMinusScale).allSatisfy { abs($0 + $1 - 1) <= 0x1p-22 })
    }

    /// Also with a sign or a payload, which a file may hold.
    @Test(arguments: InstructionSet.supported, [0x7fc0_0000, 0xffc0_0000, 0x7fc0_0001, 0xffd2_3456] as [UInt32])
    func notANumberStays(set: InstructionSet, pattern: UInt32) {
        let found = sigmoid(set, (0 ..< set.table.lanes).map { $0 == 3 ? Float(bitPattern: pattern) : 0.5 })
        for results in [found.scale, found.logScale, found.oneMinusScale] {
            #expect(results.indices.allSatisfy { results[$0].isNaN == ($0 == 3) })
        }
    }
}
