import GlowModel
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// Weights whose couplings, biases and matrices all matter as much as the image does: what a map forgets or transposes shows.
/// (`RandomGlow` tames its couplings, for deep flows.)
struct StrongGlow: GlowParameterSource {
    let architecture: GlowArchitecture
    let seed: UInt64
    var card: ModelCard { ModelCard() }

    func step(level: Int, index: Int) throws -> FlowStepParameters {
        var generator = TestGenerator(seed: seed &+ UInt64(level * 1000 + index))
        let shape = architecture.stepShape(level: level)
        return try FlowStepParameters(shape: shape) { tensor in
            let dimensions = tensor.dimensions(in: shape)
            let inputs = dimensions.dropFirst().reduce(1, *)
            let bound: Float =
                switch tensor {
                case .mixingWeight: 0.5 / Float(inputs).squareRoot()
                case .net0Weight, .net1Weight: (6 / Float(inputs)).squareRoot()
                case .net2Weight: (1 / Float(inputs)).squareRoot()
                case .mixingBias, .net0Bias, .net1Bias, .net2Bias: 0.3
                }
            return (0 ..< dimensions.reduce(1, *)).map { element in
                let isDiagonal = tensor == .mixingWeight && element % (shape.channels + 1) == 0
                return (isDiagonal ? 1 : 0) + Float.random(in: -bound ... bound, using: &generator)
            }
        }
    }
}

/// What a Glow computes with.
struct Arithmetic: Sendable, CustomTestStringConvertible {
    let set: InstructionSet
    let precision: Precision

    /// Everything that this processor has.
    static let supported = InstructionSet.supported.flatMap { set in
        Precision.allCases.map { Arithmetic(set: set, precision: $0) }
    }

    var testDescription: String { "\(precision) on \(set)" }
}

/// A small Glow and the size of its images.
struct GlowCase: Sendable, CustomTestStringConvertible {
    let coupling: GlowArchitecture.Coupling
    let steps: [Int]
    let hidden: Int
    let shape: ImageShape

    init(_ coupling: GlowArchitecture.Coupling, _ steps: [Int], hidden: Int, _ channels: Int, _ height: Int, _ width: Int) {
        (self.coupling, self.steps, self.hidden) = (coupling, steps, hidden)
        shape = ImageShape(channels: channels, height: height, width: width)
    }

    static let all = [
        GlowCase(.additive, [1], hidden: 5, 1, 2, 6), GlowCase(.affine, [2], hidden: 5, 3, 4, 2),
        GlowCase(.additive, [3, 2], hidden: 20, 3, 8, 4), GlowCase(.affine, [1, 3], hidden: 5, 1, 4, 12),
        GlowCase(.affine, [1, 1, 1], hidden: 20, 1, 8, 16), GlowCase(.additive, [2, 1, 3], hidden: 5, 3, 8, 8),
        GlowCase(.affine, [1, 2, 1], hidden: 5, 3, 8, 8),
    ]

    var testDescription: String { "\(coupling) \(steps) h\(hidden) \(shape)" }

    func source() throws -> StrongGlow {
        StrongGlow(
            architecture: try GlowArchitecture(
                steps: steps, hidden: hidden, imageChannels: shape.channels, coupling: coupling),
            seed: 77)
    }

    func glow(_ set: InstructionSet, _ precision: Precision = .fp32) throws -> Glow {
        try Glow(source(), kernels: set.table, precision: precision)
    }

    func glow(_ arithmetic: Arithmetic) throws -> Glow { try glow(arithmetic.set, arithmetic.precision) }

    func reference() throws -> ReferenceGlow { try ReferenceGlow(source(), shape: shape) }

    /// Numbers of `images` images or latents, in [-1, 1).
    func numbers(images: Int = 1, seed: UInt64) -> [Float] {
        var generator = TestGenerator(seed: seed)
        return (0 ..< images * shape.count).map { _ in Float.random(in: -1 ..< 1, using: &generator) }
    }
}
