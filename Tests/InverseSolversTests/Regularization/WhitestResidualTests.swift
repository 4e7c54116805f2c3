import Foundation
import InverseSolvers
import TestSupport
import Testing

/// The search for the whitest residual, on made-up solutions.
@Suite struct WhitestResidualTests {
    /// A search for the whitest residual, which is that of lambda = 2e-4 and has the variance 1e-4; that of other lambdas has a variance
    /// that grows with the power `exponent` of lambda. Also returns how many solves it took before the exact one.
    static func whitenessSearch(from first: Double, exponent: Double) -> (search: RegularizationSearch, solves: Int) {
        var search = RegularizationSearch(.whiteness(), regularizationWeight: first)
        var solves = 0
        while search.stage != .exact && !search.isDone {
            solves += 1
            let distance = log(search.regularizationWeight / 2e-4)
            search.advance(
                RegularizationObservation(
                    squaredResidual: 90 * 1e-4 * exp(exponent * distance), squaredLatent: 10, measuredCount: 100,
                    whiteness: exp(0.3 * distance * distance)))
        }
        return (search, solves)
    }

    @Test(arguments: [4e-5, 3e-4])
    func whitenessTakesTheVarianceOfTheWhitestResidual(first: Double) {
        var (search, solves) = Self.whitenessSearch(from: first, exponent: 0.2)
        #expect(solves == WhitestResidual.mostLambdas)
        #expect(abs(log(search.regularizationWeight / 1e-4)) < 0.25)
        #expect(!search.isDone)
        search.advance(RegularizationObservation(squaredResidual: 90e-4, squaredLatent: 10, measuredCount: 100, whiteness: 1))
        #expect(search.isDone && search.isSettled)
    }

    @Test func aVarianceThatHardlyChangesEndsTheSearchForTheWhitest() {
        let (search, solves) = Self.whitenessSearch(from: 2e-4, exponent: 0.05)
        #expect(solves == 2)
        #expect(abs(log(search.regularizationWeight / 1e-4)) < 0.1)
    }

    @Test func aFirstWeightThatIsTheVarianceOfTheWhitestIsKept() {
        let (search, solves) = Self.whitenessSearch(from: 1e-4, exponent: 0.05)
        #expect(solves == 2)
        #expect(search.isSettled && search.isDone)
    }

    @Test func whitenessFarFromTheFirstWeightIsNotSettled() {
        let (search, solves) = Self.whitenessSearch(from: 1e-9, exponent: 0.3)
        #expect(solves == WhitestResidual.mostLambdas)
        #expect(!search.isSettled)
    }

    /// Where the prior takes most of the measurement, its residual says little of sigma^2, and a first lambda that is known better is
    /// taken for it without a look at others; where it takes little, the residual says more.
    @Test func whitenessWeighsTheFirstWeightByItsError() {
        func search(squaredLatent: Double, relativeError: Double) -> RegularizationSearch {
            var search = RegularizationSearch(.whiteness(relativeError: relativeError), regularizationWeight: 1)
            while !search.isDone && search.stage != .exact {
                search.advance(
                    RegularizationObservation(
                        squaredResidual: 3 * (10_000 - squaredLatent) - search.regularizationWeight * squaredLatent,
                        squaredLatent: squaredLatent,
                        measuredCount: 10_000, whiteness: 1))
            }
            return search
        }
        let unknown = search(squaredLatent: 200, relativeError: .infinity)
        let doubtful = search(squaredLatent: 200, relativeError: 0.1)
        let known = search(squaredLatent: 200, relativeError: 0.001)
        #expect(abs(log(unknown.regularizationWeight / 3)) < 0.3)
        #expect(doubtful.regularizationWeight > 2 && doubtful.regularizationWeight < unknown.regularizationWeight)
        #expect(known.isDone && known.regularizationWeight == 1)
        var first = RegularizationSearch(.whiteness(relativeError: 0.1), regularizationWeight: 1)
        first.advance(RegularizationObservation(squaredResidual: 2500, squaredLatent: 7500, measuredCount: 10_000, whiteness: 1))
        #expect(first.isDone && first.isSettled && first.regularizationWeight == 1)
    }

    /// Both estimates are as exact, 0.126, so sigma^2 is their geometric mean 2 within 0.126 / sqrt(2); S at the first lambda is 3.4 M.
    @Test func twoEstimatesAreBetterThanOne() {
        let error = (0.125 * 0.125 + 2.0 / 8000).squareRoot()
        var search = RegularizationSearch(.whiteness(relativeError: error), regularizationWeight: 1)
        while search.stage != .exact {
            search.advance(
                RegularizationObservation(squaredResidual: 32_000, squaredLatent: 2000, measuredCount: 10_000, whiteness: 1))
        }
        let (slope, excess) = (2.0 / 34, log(3.4 / 2))
        let spread = 0.1 * 0.1 + 2e-4 + error * error / 2
        let step = (log(2.0) / 0.25 - slope * excess / spread) / (1 / 0.25 + slope * slope / spread)
        #expect(abs(log(search.regularizationWeight) - step) < 1e-3, "\(search.regularizationWeight)")
    }
}
