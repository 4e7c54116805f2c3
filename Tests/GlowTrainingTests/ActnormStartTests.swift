import Foundation
import GlowModel
import GlowTraining
import KernelDispatch
import Testing

@Suite struct ActnormStartTests {
    /// After the start, D (x + b) has mean 0 and variance 1 in each channel of each step; before, it does not.
    @Test(arguments: InstructionSet.supported, TrainingCase.all)
    func actnormStartsNormalized(set: InstructionSet, setup: TrainingCase) throws {
        var parameters = try TrainingParameters.random(architecture: setup.architecture, seed: 4)
        let likelihood = try setup.likelihood(parameters, set)
        let batch = setup.batch().map { 3 * $0 + 1 }
        likelihood.startActnorm(&parameters, from: batch)
        var gradient = parameters.values
        _ = likelihood.evaluate(batch, parameters: parameters.values, gradient: &gradient)
        for step in parameters.layout.steps {
            for channel in 0 ..< step.shape.channels {
                let (mean, variance) = likelihood.moments(step.level, step.index, channel)
                let bias = Double(parameters.values[step[.actnormBias].lowerBound + channel])
                let scale = exp(Double(parameters.values[step[.actnormLogScale].lowerBound + channel]))
                #expect(abs((mean + bias) * scale) < 1e-5)
                #expect(abs(variance * scale * scale - 1) < 1e-4)
            }
        }
        let first = try #require(parameters.layout.steps.first)
        #expect(parameters[first, .actnormBias].contains { abs($0) > 0.5 })
    }
}
