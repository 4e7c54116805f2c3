import GlowModel
import GlowTraining
import Testing

/// `AffineEquivalent`: the same map, with scales that learn.
@Suite struct AffineEquivalentTests {
    private static let cases = [
        TrainingCase(.additive, [1], hidden: 8, 1, 4, 4, images: 2), TrainingCase(.additive, [2, 3], hidden: 5, 1, 8, 4, images: 3),
        TrainingCase(.additive, [2], hidden: 20, 3, 4, 4, images: 2),
    ]

    /// Both differ by roundings, each 6e-8 of the state; a scale that is not undone differs by a tenth.
    @Test(arguments: cases) func theMapIsTheSame(setup: TrainingCase) throws {
        let model = FoldedGlow(try setup.parameters())
        let affine = try AffineEquivalent(model)
        #expect(affine.architecture.coupling == .affine && affine.architecture.steps == setup.steps)
        try setup.expectSameMap(affine, as: model)
    }

    /// The weights of the raw scales are zero, and move with the first step.
    @Test(arguments: cases) func theScalesLearn(setup: TrainingCase) throws {
        let affine = try TrainingParameters.starting(from: AffineEquivalent(FoldedGlow(setup.parameters())))
        var options = TrainingOptions()
        options.warmUpSteps = 0
        let trainer = try Trainer(
            affine, startsActnorm: false, options: options, seed: 1,
            setup: Trainer.Setup(imageShape: setup.shape, images: setup.images))
        #expect(try trainer.advance(setup.batch()).isApplied)
        for step in affine.layout.steps {
            let former = affine[step, .net2Weight]
            let scales = former.count / 2 ..< former.count
            #expect(former[former.startIndex + scales.lowerBound ..< former.endIndex].allSatisfy { $0 == 0 })
            let moved = Array(trainer.parameters[step, .net2Weight])[scales]
            #expect(moved.contains { $0 != 0 })
        }
    }

    @Test func aFlowOfVersion2IsRefused() throws {
        let architecture = try GlowArchitecture(steps: [1], hidden: 4, variant: GlowVariant(priors: [.convolution([.bias])]))
        let error = #expect(throws: TrainingError.self) { try AffineEquivalent(RandomGlow(architecture: architecture, seed: 1)) }
        #expect(error?.description.contains("prior.bias") == true)
    }

    @Test func anAffineFlowIsRefused() throws {
        let affine = FoldedGlow(try TrainingCase(.affine, [1], hidden: 5, 1, 4, 4, images: 1).parameters())
        let error = #expect(throws: TrainingError.self) { try AffineEquivalent(affine) }
        #expect(error?.description.contains("affine coupling already") == true)
    }
}
