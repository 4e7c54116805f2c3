import GlowModel
import GlowTraining
import KernelDispatch
import Testing

@Suite struct TrainingOptionsTests {
    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        change(&options)
        return options
    }

    @Test func learningRateRisesAndFalls() {
        let rates = options {
            $0.steps = 100
            $0.warmUpSteps = 10
            $0.learningRate = 2
            $0.lastRate = 0.1
        }
        #expect(rates.learningRate(step: 1) == 0.2)
        #expect(rates.learningRate(step: 10) == 2)
        #expect(abs(rates.learningRate(step: 55) - (0.2 + 1.8 / 2)) < 1e-12)
        #expect(abs(rates.learningRate(step: 100) - 0.2) < 1e-12)
        #expect(rates.learningRate(step: 500) == rates.learningRate(step: 100))
        let constant = options {
            $0.decay = .constant; $0.warmUpSteps = 0
        }
        #expect(constant.learningRate(step: 1) == constant.learningRate && constant.learningRate(step: 99_999) == 1e-3)
    }
}
