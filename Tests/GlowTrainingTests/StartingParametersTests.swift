import GlowModel
import GlowTraining
import KernelDispatch
import TestSupport
import Testing

@Suite struct StartingParametersTests {
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

    /// What version 1 of the model file does not hold has no gradient, and the error says what that is.
    @Test func otherFlowsAreRefused() throws {
        let cases: [(variant: GlowVariant, word: String)] = [
            (GlowVariant(affineOrder: .scaleFirst), "affine_order scale-first"), (GlowVariant(scaleMap: .exp), "scale_map exp"),
            (GlowVariant(split: .second), "split second"), (GlowVariant(squeezes: [.contiguous]), "squeeze contiguous"),
            (GlowVariant(stepTensors: [[[.scaleOffset]]]), "scale_offset"), (GlowVariant(stepTensors: [[[.net0Border]]]), "net.0.border"),
            (GlowVariant(priors: [.convolution([.bias])]), "prior.bias"),
        ]
        for (variant, word) in cases {
            let architecture = try GlowArchitecture(steps: [1], hidden: 4, coupling: .affine, variant: variant)
            let source = RandomGlow(architecture: architecture, seed: 1)
            let error = #expect(throws: TrainingError.self) { try TrainingParameters.starting(from: source) }
            #expect(error?.description.contains(word) == true)
            #expect(throws: TrainingError.self) { try TrainingParameters.random(architecture: architecture, seed: 1) }
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
}
