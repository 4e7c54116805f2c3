import Foundation
import GlowModel
import Testing

@Suite struct RandomGlowTests {
    /// Rotation with columns scaled by up to 5 %, so |log|det|| <= 0.05 C; affine coupling is made up for by C log(gain).
    @Test(arguments: [GlowArchitecture.Coupling.additive, .affine])
    func randomModelsAreReproducibleAndTame(coupling: GlowArchitecture.Coupling) throws {
        let architecture = try GlowArchitecture(levels: 3, steps: 2, hidden: 8, coupling: coupling)
        let model = try GlowParameters.random(architecture: architecture, seed: 3)
        let again = RandomGlow(architecture: architecture, seed: 3)
        let other = RandomGlow(architecture: architecture, seed: 4)
        let scale = 1 / (1 + exp(-2.0))
        let gain = coupling == .affine ? -0.5 * log((1 + scale * scale) / 2) : 0
        for (level, steps) in model.levels.enumerated() {
            for (index, step) in steps.enumerated() {
                let channels = Double(step.shape.channels)
                #expect(abs(step.mixing.logAbsDeterminant - channels * gain) < 0.05 * channels)
                for tensor in FlowStepTensor.allCases {
                    #expect(try step[tensor] == again.step(level: level, index: index)[tensor])
                    #expect(try step[tensor] != other.step(level: level, index: index)[tensor])
                }
            }
            #expect(steps[0].net1Weight != steps[1].net1Weight)
        }
    }
}
