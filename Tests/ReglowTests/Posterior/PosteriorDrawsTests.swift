import InverseSolvers
import Reglow
import TestSupport
import Testing

@Suite struct PosteriorDrawsTests {
    private let shape = ImageShape(channels: 1, height: 4, width: 4)

    /// 40 normal draws of each of four chains, those of the last two around `distance`.
    private func draws(views: Int, distance: Float) throws -> (draws: PosteriorDraws, diagnostics: PosteriorDiagnostics) {
        var draws = PosteriorDraws(shape: shape, chains: 4, views: views)
        for chain in 0 ..< 4 {
            let centre = chain < 2 ? 0 : distance
            for draw in 0 ..< 40 {
                let values = normalNumbers(16, seed: UInt64(100 * chain + draw)).map { $0 + centre }
                // A control that knows the centre of its own view.
                draws.add(values, deflected: [Float](repeating: centre, count: 16), logDensity: Double(values[3] + centre), chain: chain)
            }
        }
        var options = PosteriorOptions()
        options.samples = 160
        let reports = [ChainReport](repeating: ChainReport(acceptance: 0.7, stepSize: 0.1), count: 4)
        return (draws, draws.diagnostics(reports, options: options, seconds: 1))
    }

    /// Two views may be far apart: chains agree where those of each do, the mean is in the middle, and the deviation is that of all draws.
    @Test func viewsAreJudgedApartAndCountAlike() throws {
        let (draws, diagnostics) = try draws(views: 2, distance: 10)
        #expect(diagnostics.rHat < 1.15)
        #expect(diagnostics.medianEffectiveSamples > 100 && diagnostics.effectiveSamples < 160 * 2.5)
        let (mean, deviation) = try draws.moments()
        #expect(mean.pixels.allSatisfy { abs($0 - 5) < 1e-4 })
        #expect(deviation.pixels.allSatisfy { abs($0 - Float(26).squareRoot()) < 0.3 })
    }

    /// The same draws of one density are of chains that do not agree.
    @Test func chainsOfOneViewMustAgree() throws {
        let (_, diagnostics) = try draws(views: 1, distance: 10)
        #expect(diagnostics.rHat > 3 && diagnostics.medianEffectiveSamples < 10)
        #expect(try self.draws(views: 1, distance: 0).diagnostics.rHat < 1.1)
    }

    /// Two views with half of the draws each know their mean as well as one view with all.
    @Test func drawsOfViewsAddUp() throws {
        let one = try draws(views: 1, distance: 0).diagnostics
        let two = try draws(views: 2, distance: 0).diagnostics
        #expect(abs(two.medianEffectiveSamples / one.medianEffectiveSamples - 1) < 0.3)
    }
}
