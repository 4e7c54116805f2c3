import Reglow
import Testing

@Suite struct TrustBandsTests {
    /// What is usual for a result of each kind, and what differs from it.
    private struct Case {
        var estimate = TrustStatistics.Estimate.minimum
        var misfit = 0.8
        var surprise: Double? = 1
        var energies = [0.9, 0.9, 1, 1]
        var noise = TrustStatistics.Noise()
        var measured = 100_000
        var roundTripError: Double?
        var uprightness: Double?
        var isAligned = true
        var pointSpread: (gain: Double, width: Double)?

        init(_ estimate: TrustStatistics.Estimate, _ change: (inout Case) -> Void = { _ in }) {
            self.estimate = estimate
            if estimate == .splitting { surprise = nil }
            change(&self)
        }

        var found: [TrustFinding] {
            TrustBands.findings(
                TrustStatistics(
                    estimate: estimate,
                    levels: energies.map {
                        TrustStatistics.Level(count: 1_000_000, energy: $0, kurtosis: 3, autocorrelation: 0)
                    }, misfit: misfit, surprise: surprise, noise: noise, measured: measured, roundTripError: roundTripError,
                    uprightness: uprightness, pointSpreadGain: pointSpread?.gain, pointSpreadWidth: pointSpread?.width,
                    hasAlignedPrior: isAligned))
        }

        var kinds: [TrustFinding.Kind] { found.map(\.kind) }
    }

    @Test(arguments: TrustStatistics.Estimate.allCases) func whatIsUsualIsNotTold(_ estimate: TrustStatistics.Estimate) {
        #expect(Case(estimate).kinds == [])
        #expect(Case(estimate) { ($0.roundTripError, $0.uprightness) = (1e-4, 25) }.kinds == [])
    }

    @Test func eachNumberIsTold() {
        #expect(Case(.minimum) { $0.surprise = 1.4 }.kinds == [.surprising])
        #expect(Case(.minimum) { $0.surprise = 0.5 }.kinds == [.unsurprising])
        #expect(Case(.mean) { $0.surprise = 1.6 }.kinds == [.surprising])
        #expect(Case(.mean) { $0.surprise = 0.7 }.kinds == [.unsurprising])
        #expect(Case(.minimum) { $0.misfit = 1.4 }.kinds == [.misfit])
        #expect(Case(.splitting) { $0.misfit = 2.1 }.kinds == [.misfit])
        #expect(Case(.splitting) { $0.misfit = 0.25 }.kinds == [.overfitted])
        #expect(Case(.minimum) { $0.misfit = 0.1 }.kinds == [], "a minimum fits what it can")
        #expect(Case(.minimum) { $0.energies[2] = 1.7 }.found.map(\.level) == [2])
        #expect(Case(.splitting) { $0.energies[1] = 1.2 }.found.map(\.level) == [1])
        #expect(Case(.splitting) { $0.energies[2] = 2 }.kinds == [], "the bound of the finest levels is theirs alone")
        #expect(Case(.mean) { $0.energies[0] = 1.6 }.found.map(\.kind) == [.latentEnergy])
        #expect(Case(.minimum) { $0.roundTripError = 0.01 }.kinds == [.roundTrip])
        #expect(Case(.minimum) { $0.uprightness = 19 }.found.map(\.verdict) == [.doubtful])
        #expect(Case(.minimum) { $0.uprightness = -400 }.found.map(\.verdict) == [.doubtful])
        #expect(Case(.minimum) { $0.surprise = 3 }.found.map(\.verdict) == [.unusable])
    }

    @Test(arguments: [TrustStatistics.Estimate.minimum, .splitting]) func anotherPointSpreadIsTold(_ estimate: TrustStatistics.Estimate) {
        #expect(Case(estimate) { $0.pointSpread = (19, 0.7) }.kinds == [])
        #expect(Case(estimate) { $0.pointSpread = (21, 0.7) }.kinds == [.pointSpreadTooWide])
        #expect(Case(estimate) { $0.pointSpread = (101, 0.7) }.found.map(\.verdict) == [.unusable])
        #expect(Case(estimate) { $0.pointSpread = (900, 1.4) }.found.map(\.verdict) == [.doubtful])
        #expect(Case(estimate) { $0.pointSpread = (21, 1.4) }.kinds == [.pointSpreadTooNarrow])
        #expect(Case(estimate) { ($0.pointSpread, $0.noise.isKnown) = ((21, 1.4), false) }.kinds == [], "noise may be what is seen")
    }

    /// Photographs differ more than faces do.
    @Test func aPriorOfPicturesOfAllKindsHasWideBounds() {
        #expect(Case(.minimum) { ($0.isAligned, $0.surprise, $0.energies[0], $0.misfit) = (false, 4, 3, 1.5) }.kinds == [])
        #expect(Case(.minimum) { ($0.isAligned, $0.surprise) = (false, 0.3) }.kinds == [])
        #expect(
            Case(.minimum) { ($0.isAligned, $0.surprise, $0.energies[0], $0.misfit) = (false, 7, 6, 2.5) }.kinds
                == [.surprising, .misfit, .latentEnergy])
        #expect(Case(.minimum) { ($0.isAligned, $0.surprise) = (false, 0.1) }.kinds == [.unsurprising])
    }

    @Test func whatIsNoNumberIsBeyondAnyBound() {
        let found = Case(.minimum) { ($0.misfit, $0.surprise, $0.energies[0]) = (.nan, .nan, .infinity) }.found
        #expect(found.map(\.kind) == [.surprising, .misfit, .latentEnergy] && found.allSatisfy { $0.verdict == .unusable })
    }

    /// Few numbers scatter more.
    @Test func fewNumbersHaveWiderBounds() {
        #expect(Case(.minimum) { ($0.surprise, $0.measured) = (1.5, 100) }.kinds == [])
        #expect(Case(.minimum) { ($0.surprise, $0.measured) = (1.8, 100) }.kinds == [.surprising])
        #expect(Case(.splitting) { ($0.misfit, $0.measured) = (0.1, 100) }.kinds == [])
    }

    /// One noise in three channels, or a lambda that is not sigma^2, moves the bounds of the surprise by as much.
    @Test func lambdaAndSharedNoiseMoveTheBounds() {
        var shared = TrustStatistics.Noise()
        shared.ratio = 1.0 / 3 ... 3
        #expect(Case(.minimum) { ($0.surprise, $0.noise) = (0.3, shared) }.kinds == [])
        #expect(Case(.minimum) { ($0.surprise, $0.noise) = (3, shared) }.kinds == [])
        #expect(Case(.minimum) { ($0.surprise, $0.noise) = (4, shared) }.kinds == [.surprising])
        #expect(Case(.minimum) { ($0.surprise, $0.noise) = (0.15, shared) }.kinds == [.unsurprising])
    }

    /// Of a sigma that is a bound from below nothing is concluded by which less noise would be there.
    @Test func aSigmaThatIsABoundIsNoGround() {
        var bound = TrustStatistics.Noise()
        (bound.isKnown, bound.mostMisfit) = (false, 4)
        for estimate in TrustStatistics.Estimate.allCases {
            let found = Case(estimate) {
                ($0.surprise, $0.noise, $0.misfit, $0.energies[0]) = ($0.surprise.map { _ in 0.1 }, bound, 0.01, 1.3)
            }
            #expect(found.kinds == [], "\(estimate)")
        }
        #expect(Case(.splitting) { ($0.noise, $0.misfit) = (bound, 7.9) }.kinds == [])
        #expect(Case(.splitting) { ($0.noise, $0.misfit) = (bound, 8.5) }.kinds == [.misfit])
        var below = TrustStatistics.Noise()
        below.isBelowPrior = true
        #expect(Case(.mean) { ($0.surprise, $0.noise) = (0.1, below) }.kinds == [])
        #expect(Case(.splitting) { ($0.misfit, $0.noise) = (0.01, below) }.kinds == [])
    }
}
