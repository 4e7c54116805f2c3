import InverseSolvers
import TestSupport
import Testing

@Suite struct ChainStatisticsTests {
    /// Chains of an autoregression, x' = a x + noise, each with an offset.
    private func chains(_ a: Double, count: Int = 4, length: Int = 2000, offset: Double = 0, seed: UInt64 = 1) -> [[Double]] {
        (0 ..< count).map { chain in
            let noise = normalNumbers(length + 200, seed: seed + UInt64(chain)).map(Double.init)
            var x = 0.0
            let path = noise.map { step in
                x = a * x + (1 - a * a).squareRoot() * step
                return x + offset * Double(chain)
            }
            return Array(path.dropFirst(200))
        }
    }

    /// The mean of an autoregression of N steps has the variance of N (1 - a) / (1 + a) independent draws, for long chains.
    @Test(arguments: [0, 0.5, 0.9, -0.5]) func effectiveSamplesOfAnAutoregression(_ a: Double) {
        let statistics = ChainStatistics(chains(a))
        let expected = 8000 * (1 - a) / (1 + a)
        #expect(statistics.effectiveSamples > 0.8 * expected && statistics.effectiveSamples < 1.25 * expected, "\(statistics)")
        #expect(statistics.rHat > 0.99 && statistics.rHat < 1.03)
    }

    /// Means that lie s deviations apart make R-hat the root of 1 + the variance of the means.
    @Test func chainsApartAreFound() {
        let statistics = ChainStatistics(chains(0, offset: 1))
        // The means 0, 1, 2, 3 twice each: their variance over eight halves is 10 / 7.
        #expect(abs(statistics.rHat - (1 + 10.0 / 7).squareRoot()) < 0.05)
        #expect(statistics.effectiveSamples < 40)
    }

    /// A drift of all chains in common is seen because halves are compared.
    @Test func aCommonDriftIsFound() {
        let drifting = chains(0).map { chain in chain.enumerated().map { $0.element + 4 * Double($0.offset) / 2000 } }
        #expect(ChainStatistics(drifting).rHat > 1.3)
    }

    @Test func theEnds() {
        #expect(ChainStatistics([[1, 2, 3]]).rHat.isNaN)
        #expect(ChainStatistics([]).effectiveSamples.isNaN)
        let constant = ChainStatistics([[2, 2, 2, 2], [2, 2, 2, 2]])
        #expect(constant.rHat == 1 && constant.effectiveSamples == 8)
        #expect(ChainStatistics([[1, 1, 1, 1], [2, 2, 2, 2]]).rHat == .infinity)
        #expect(ChainStatistics([[1, .nan, 1, 1], [2, 2, 2, 2]]).rHat.isNaN)
    }
}
