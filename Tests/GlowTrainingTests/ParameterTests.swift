import Foundation
import GlowModel
import GlowTraining
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// Starting, folding and unfolding parameters.
@Suite struct ParameterTests {
    /// The folded model is the trained one: the engine gives it the likelihood that the trainer gives.
    @Test(arguments: TrainingCase.all) func theEngineRunsWhatIsTrained(setup: TrainingCase) throws {
        let parameters = try setup.parameters()
        let glow = try Glow(FoldedGlow(parameters), kernels: InstructionSet.selected().table)
        let point = try glow.makeLinearization(
            imageShape: setup.shape, capacity: setup.images, parallelism: Parallelism(threads: 1))
        let batch = setup.batch()
        var latents = [Float](repeating: 0, count: batch.count)
        var logDeterminants = [Double](repeating: 0, count: setup.images)
        glow.forward(batch, count: setup.images, recording: point, into: &latents, logDeterminants: &logDeterminants)
        let energy = latents.reduce(0.0) { $0 + Double($1) * Double($1) / 2 }
        let nats = energy + Double(batch.count) / 2 * 1.8378770664093453 - logDeterminants.reduce(0, +)
        let twin = ReferenceLikelihood(parameters, shape: setup.shape)
        let bits = twin.bitsPerDimension(batch, parameters.values.map(Double.init))
        #expect(abs(nats / (Double(batch.count) * 0.6931471805599453) - bits) < 1e-5 * max(1, abs(bits)))
    }

    /// Folding what was unfolded gives the weights back, up to a rounding of each, and of M some more.
    @Test(arguments: TrainingCase.all) func unfoldingAModelKeepsIt(setup: TrainingCase) throws {
        let source = try GlowParameters.random(architecture: setup.architecture, seed: 3)
        let folded = try GlowParameters(reading: FoldedGlow(.starting(from: source)))
        for (level, steps) in source.levels.enumerated() {
            for (index, step) in steps.enumerated() {
                for tensor in FlowStepTensor.allCases {
                    let gap = relativeGap(folded.step(level: level, index: index)[tensor], step[tensor].map(Double.init))
                    #expect(gap < 1e-5, "\(tensor.rawValue)")
                }
            }
        }
    }

    /// What makes the start an identity up to rotations: M is orthogonal and the couplings of an additive flow are zero.
    @Test func aNewFlowIsARotation() throws {
        let architecture = try GlowArchitecture(levels: 2, steps: 2, hidden: 6)
        let model = FoldedGlow(try .random(architecture: architecture, seed: 1))
        for level in 0 ..< 2 {
            let step = try model.step(level: level, index: 1)
            let order = step.shape.channels
            let rows = (0 ..< order).map { step.mixing.elements[$0 * order ..< ($0 + 1) * order] }
            for (i, a) in rows.enumerated() {
                for (j, b) in rows.enumerated() {
                    let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                    #expect(abs(product - (i == j ? 1 : 0)) < 1e-5)
                }
            }
            #expect(step.net2Weight.allSatisfy { $0 == 0 })
            #expect(step.net0Weight.contains { $0 != 0 })
        }
        let one = try TrainingParameters.random(architecture: architecture, seed: 1)
        let same = try TrainingParameters.random(architecture: architecture, seed: 1)
        let other = try TrainingParameters.random(architecture: architecture, seed: 2)
        #expect(one.values == same.values && one.frames == same.frames)
        #expect(one.values != other.values)
    }

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
