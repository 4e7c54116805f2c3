import GlowModel

/// An additive flow as one with affine coupling: the same map, with scales that are constant until training moves them.
///
/// With s what an affine coupling multiplies by while its network gives zero (`scaleAtZero`) and E = diag(1, ..., 1, 1/s, ..., 1/s),
/// a step u = M x + m, b' = b + t(a) becomes
///
///     u = E M x + E m,    b' = (b + t(a)/s) s
///
/// so each step stands for itself, and the weights of the raw scales are zero.
package struct AffineEquivalent<Source: GlowParameterSource>: GlowParameterSource {
    package let architecture: GlowArchitecture
    private let source: Source

    /// - Throws: `TrainingError` where the flow is affine already, or cannot be trained.
    package init(_ source: Source) throws {
        let former = source.architecture
        try former.requireTrainable()
        guard former.coupling == .additive else { throw TrainingError("the flow has affine coupling already") }
        self.source = source
        architecture = try GlowArchitecture(
            steps: former.steps, hidden: former.hidden, imageChannels: former.imageChannels, coupling: .affine,
            pixelShift: former.pixelShift)
    }

    package var card: ModelCard { source.card }

    /// - Throws: what the source throws.
    package func step(level: Int, index: Int) throws -> FlowStepParameters {
        let step = try source.step(level: level, index: index)
        let gain = Float(1 / architecture.coupling.scaleAtZero)
        return try FlowStepParameters(shape: architecture.stepShape(level: level)) { tensor in
            let values = step[tensor]
            return switch tensor {
            case .mixingWeight, .mixingBias:
                values.indices.map { $0 < values.count / 2 ? values[$0] : gain * values[$0] }
            case .net2Weight, .net2Bias:
                values.map { gain * $0 } + [Float](repeating: 0, count: values.count)
            default: values
            }
        }
    }
}
