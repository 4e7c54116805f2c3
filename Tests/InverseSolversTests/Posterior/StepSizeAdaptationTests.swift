import Foundation
import InverseSolvers
import Testing

@Suite struct StepSizeAdaptationTests {
    /// Where the acceptance falls with the step as exp(-step / scale), the step that is accepted with the probability aimed at is known.
    @Test(arguments: [0.01, 0.3, 20]) func itFindsTheStep(scale: Double) {
        var adaptation = StepSizeAdaptation(dimension: 100)
        for _ in 0 ..< 2000 { adaptation.learn(acceptance: exp(-adaptation.stepSize / scale)) }
        adaptation.finish()
        let expected = -scale * log(StepSizeAdaptation.target)
        #expect(abs(adaptation.stepSize / expected - 1) < 0.05, "\(adaptation.stepSize) for \(expected)")
    }

    /// After the burn-in nothing changes it, and rejections alone keep it above 0.
    @Test func itEnds() {
        var adaptation = StepSizeAdaptation(dimension: 100)
        for _ in 0 ..< 500 { adaptation.learn(acceptance: 0) }
        #expect(adaptation.stepSize > 1e-6 && adaptation.stepSize < 1e-3)
        adaptation.finish()
        let step = adaptation.stepSize
        adaptation.learn(acceptance: 1)
        #expect(adaptation.stepSize == step)
    }
}
