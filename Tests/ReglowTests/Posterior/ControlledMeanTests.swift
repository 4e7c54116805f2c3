import Reglow
import TestSupport
import Testing

@Suite struct ControlledMeanTests {
    private let truth: [Float] = [0.2, 0.5, -0.3, 100]

    /// Draws that differ from the truth by noise, and their deflected ones: the control is `factor` times that noise plus noise of its own.
    private func mean(_ draws: Int, factor: Float, ownNoise: Float) -> ControlledMean {
        var mean = ControlledMean(count: truth.count)
        let (errors, others) = (normalNumbers(draws * truth.count, seed: 1), normalNumbers(draws * truth.count, seed: 2))
        for draw in 0 ..< draws {
            let own = draw * truth.count ..< (draw + 1) * truth.count
            let values = zip(truth, errors[own]).map { $0 + 0.1 * $1 }
            let control = zip(errors[own], others[own]).map { 0.1 * (factor * $0 + ownNoise * $1) }
            mean.add(values, deflected: zip(values, control).map(-))
        }
        return mean
    }

    private func error(_ values: [Double]) -> Double {
        zip(truth, values).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    }

    /// The control of a normal density says all, on whatever scale it is.
    @Test(arguments: [Float(1), 0.5, 3]) func theMeanOfANormalDensityIsExact(scale: Float) {
        let mean = mean(8, factor: scale, ownNoise: 0)
        #expect(abs(mean.factor - 1 / Double(scale)) < 1e-4)
        #expect(error(mean.mean) < 1e-8 && error(mean.average) > 1e-4)
    }

    /// Of a control that says half the factor is that with the least variance, 1 / 2, and half of the variance is left.
    @Test func whatAControlDoesNotSayIsLeft() {
        let mean = mean(4000, factor: 1, ownNoise: 1)
        #expect(abs(mean.factor - 0.5) < 0.02)
        for (index, value) in mean.mean.enumerated() { #expect(abs(value - Double(truth[index])) < 5 * 0.1 * (0.5 / 4000).squareRoot()) }
    }

    @Test func aControlThatSaysNothingChangesNothing() {
        let mean = mean(4000, factor: 0, ownNoise: 1)
        #expect(abs(mean.factor) < 0.03)
        var still = ControlledMean(count: 2)
        for value in [Float(1), 2] { still.add([value, 0], deflected: [value, 0]) }
        #expect(still.factor == 0 && still.mean == [1.5, 0])
        var single = ControlledMean(count: 2)
        single.add([1, 2], deflected: [0, 0])
        #expect(single.factor == 0 && single.mean == [1, 2])
    }
}
