import InverseSolvers
import Testing

@Suite struct AnnealedNoiseTests {
    @Test func itFallsInEqualRatios() {
        let noise = AnnealedNoise(last: 0.01, hasGaps: false, startsAtImage: false, most: 300)
        #expect(noise.deviations.count == 16 && noise.deviations[0] == 0.2 && noise.deviations[15] == 0.01)
        for index in 1 ..< 15 {
            let ratios = (noise.deviations[index] / noise.deviations[index - 1], noise.deviations[index + 1] / noise.deviations[index])
            #expect(ratios.0 < 1 && abs(ratios.0 - ratios.1) < 1e-9)
        }
        #expect(!noise.isShortened)
    }

    @Test func gapsTakeMoreStepsAndAnImageFewer() {
        #expect(AnnealedNoise(last: 0.01, hasGaps: true, startsAtImage: false, most: 300).deviations.count == 24)
        let fromImage = AnnealedNoise(last: 0.01, hasGaps: true, startsAtImage: true, most: 300)
        #expect(fromImage.deviations.count == 12 && fromImage.deviations[0] < 0.2)
    }

    @Test(arguments: [1, 2, 5]) func fewEvaluationsShortenIt(most: Int) {
        let noise = AnnealedNoise(last: 0.02, hasGaps: false, startsAtImage: false, most: most)
        #expect(noise.isShortened && noise.deviations.count == most && noise.deviations.last == 0.02)
    }

    /// More noise than at the first step: all steps see that.
    @Test func noiseAboveTheFirstStays() {
        #expect(AnnealedNoise(last: 0.5, hasGaps: false, startsAtImage: true, most: 300).deviations.allSatisfy { abs($0 - 0.5) < 1e-12 })
    }
}
