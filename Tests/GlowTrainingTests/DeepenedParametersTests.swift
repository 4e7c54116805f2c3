import GlowModel
import GlowTraining
import Testing

/// `TrainingParameters.deepened`: the same function, and steps that learn.
@Suite struct DeepenedParametersTests {
    /// One pair and several; levels that become deeper by different numbers, one of them by none.
    private static let cases = [
        (TrainingCase(.additive, [1], hidden: 8, 1, 4, 4, images: 2), 3),
        (TrainingCase(.additive, [1, 5], hidden: 5, 1, 8, 4, images: 3), 5),
        (TrainingCase(.affine, [4, 2], hidden: 9, 1, 8, 8, images: 2), 6),
        (TrainingCase(.affine, [1], hidden: 20, 3, 4, 4, images: 2), 9),
    ]

    /// A new step is wrong by some roundings of its 1x1 convolution, each below 1e-7 of the state; a scale that is not undone by
    /// more than a tenth.
    @Test(arguments: cases) func theFunctionIsTheSame(setup: TrainingCase, steps: Int) throws {
        let model = try setup.parameters()
        let deeper = try model.deepened(stepsPerLevel: steps, seed: 1)
        #expect(deeper.architecture.steps.allSatisfy { $0 == steps })
        try setup.expectSameMap(FoldedGlow(deeper), as: FoldedGlow(model))
    }

    /// What was trained keeps its bits, and what is new is neither the identity nor the same for another seed.
    @Test(arguments: cases) func formerStepsStay(setup: TrainingCase, steps: Int) throws {
        let model = try setup.parameters()
        let deeper = try model.deepened(stepsPerLevel: steps, seed: 1)
        let other = try model.deepened(stepsPerLevel: steps, seed: 2)
        for step in deeper.layout.steps {
            let mixing = try FoldedGlow(deeper).step(level: step.level, index: step.index).mixing.elements
            guard step.index >= setup.steps[step.level] else {
                let former = try #require(model.layout.steps.first { $0.level == step.level && $0.index == step.index })
                #expect(Array(deeper.values[step.range]) == Array(model.values[former.range]))
                #expect(try mixing == FoldedGlow(model).step(level: step.level, index: step.index).mixing.elements)
                continue
            }
            #expect(deeper[step, .mixingFactors] != other[step, .mixingFactors])
            #expect(deeper[step, .net1Weight] != other[step, .net1Weight])
            #expect(mixing.indices.contains { $0 / step.shape.channels != $0 % step.shape.channels && abs(mixing[$0]) > 0.1 })
        }
        #expect(try model.deepened(stepsPerLevel: steps, seed: 1).values == deeper.values)
    }

    /// The last layer of a network is zero, so the layers before it move from the second training step on.
    @Test(arguments: cases) func theNewStepsLearn(setup: TrainingCase, steps: Int) throws {
        let deeper = try setup.parameters().deepened(stepsPerLevel: steps, seed: 1)
        var options = TrainingOptions()
        options.warmUpSteps = 0
        let trainer = try Trainer(
            deeper, startsActnorm: false, options: options, seed: 1,
            setup: Trainer.Setup(imageShape: setup.shape, images: setup.images))
        for moving in [[TrainingTensor.mixingFactors, .actnormBias, .net2Weight, .net2Bias], [.net0Weight, .net1Weight]] {
            #expect(try trainer.advance(setup.batch()).isApplied)
            for step in deeper.layout.steps where step.index >= setup.steps[step.level] {
                for tensor in moving { #expect(trainer.parameters[step, tensor] != deeper[step, tensor], "\(tensor) of \(step)") }
            }
        }
    }

    @Test func whatCannotBeMadeIsNamed() throws {
        let architecture = try GlowArchitecture(steps: [4, 2], hidden: 5)
        for steps in [2, 5, -3, Int.min] {
            let error = #expect(throws: TrainingError.self) { try architecture.deepened(stepsPerLevel: steps) }
            #expect(error?.description.contains("level 0 has 4 steps") == true)
        }
        #expect(throws: TrainingError.self) { try GlowArchitecture(steps: [2, 3], hidden: 5).deepened(stepsPerLevel: 4) }
        #expect(throws: GlowArchitectureError.self) { try architecture.deepened(stepsPerLevel: 1 << 20) }
        #expect(try architecture.deepened(stepsPerLevel: 4) == GlowArchitecture(levels: 2, steps: 4, hidden: 5))
    }
}
