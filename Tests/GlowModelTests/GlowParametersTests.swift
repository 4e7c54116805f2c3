import GlowModel
import Testing

@Suite struct GlowParametersTests {
    @Test func parametersMustFitTheArchitecture() throws {
        let small = try GlowArchitecture(steps: [1], hidden: 3)
        let wide = try GlowArchitecture(steps: [1], hidden: 4)
        let step = try RandomGlow(architecture: small, seed: 0).step(level: 0, index: 0)
        #expect(throws: GlowArchitectureError.self) { try GlowParameters(architecture: small, levels: []) }
        #expect(throws: GlowArchitectureError.self) { try GlowParameters(architecture: small, levels: [[step, step]]) }
        #expect(throws: GlowArchitectureError.self) { try GlowParameters(architecture: wide, levels: [[step]]) }
        #expect(throws: FlowStepError.self) { try FlowStepParameters(shape: step.shape) { $0 == .net1Bias ? [] : step[$0] } }
    }
}
