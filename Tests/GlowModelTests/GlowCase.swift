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
        let expected = architecture.variant.tensors(level: level, step: index)
        var optional: [OptionalStepTensor: [Float]] = [:]
        for tensor in OptionalStepTensor.allCases where expected.contains(tensor) {
            optional[tensor] =
                tensor == .scaleOffset
                ? [0.125 + 0.25 * Float(index)]
                : (0 ..< tensor.dimensions(in: shape).reduce(1, *)).map { _ in Float.random(in: -0.4 ... 0.4, using: &generator) }
        }
        return try FlowStepParameters(shape: shape, optional: optional) { tensor in
            let dimensions = tensor.dimensions(in: shape)
            let inputs = dimensions.dropFirst().reduce(1, *)
            let bound: Float =
                switch tensor {
                case .mixingWeight: 0.5 / Float(inputs).squareRoot()
                case .net0Weight, .net1Weight: (6 / Float(inputs)).squareRoot()
                // Other scales than the sigmoid's know no bound, or are above 1: strong ones would make all of it badly conditioned.
                case .net2Weight: (architecture.variant.scaleMap == .sigmoid ? 1 : 0.4) * (1 / Float(inputs)).squareRoot()
                case .mixingBias, .net0Bias, .net1Bias, .net2Bias: 0.3
                }
            return (0 ..< dimensions.reduce(1, *)).map { element in
                let isDiagonal = tensor == .mixingWeight && element % (shape.channels + 1) == 0
                return (isDiagonal ? 1 : 0) + Float.random(in: -bound ... bound, using: &generator)
            }
        }
    }
}

extension StrongGlow {
    func prior(level: Int) throws -> LevelPriorParameters? {
        guard let shape = architecture.priorShape(level: level) else { return nil }
        var generator = TestGenerator(seed: seed &+ UInt64(900_000 + level))
        return try LevelPriorParameters(shape: shape) { tensor in
            let dimensions = tensor.dimensions(in: shape)
            // A deviation is an exponential: a tenth of the kept half is strong already.
            let bound: Float = tensor == .weight ? 0.15 * (1 / Float(9 * shape.inputs)).squareRoot() : 0.4
            return (0 ..< dimensions.reduce(1, *)).map { _ in Float.random(in: -bound ... bound, using: &generator) }
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
    let variant: GlowVariant

    init(
        _ coupling: GlowArchitecture.Coupling, _ steps: [Int], hidden: Int, _ channels: Int, _ height: Int, _ width: Int,
        _ variant: GlowVariant = .standard
    ) {
        (self.coupling, self.steps, self.hidden, self.variant) = (coupling, steps, hidden, variant)
        shape = ImageShape(channels: channels, height: height, width: width)
    }

    static let all = standard + variants

    /// What version 1 of the model file holds.
    static let standard = [
        GlowCase(.additive, [1], hidden: 5, 1, 2, 6), GlowCase(.affine, [2], hidden: 5, 3, 4, 2),
        GlowCase(.additive, [3, 2], hidden: 20, 3, 8, 4), GlowCase(.affine, [1, 3], hidden: 5, 1, 4, 12),
        GlowCase(.affine, [1, 1, 1], hidden: 20, 1, 8, 16), GlowCase(.additive, [2, 1, 3], hidden: 5, 3, 8, 8),
        GlowCase(.affine, [1, 2, 1], hidden: 5, 3, 8, 8),
    ]

    /// What only version 2 holds: every value of every choice, and every optional tensor, on levels down to one pixel.
    static let variants = [
        GlowCase(
            .affine, [2, 1], hidden: 5, 3, 8, 4,
            GlowVariant(
                affineOrder: .scaleFirst, split: .second, squeezes: [.contiguous, .contiguous],
                stepTensors: [[[], [.scaleOffset]], [[.scaleOffset]]])),
        GlowCase(
            .affine, [1, 2, 1], hidden: 5, 1, 8, 16,
            GlowVariant(
                scaleMap: .exp, squeezes: [.interleaved, .contiguous, .interleaved],
                stepTensors: [[[.net0Border, .net2Border]], [[.net0Border], [.net2Border]], [[.net0Border, .net2Border]]],
                priors: [.convolution([.weight, .bias, .border]), .convolution([.weight]), .convolution([.bias, .border])])),
        GlowCase(
            .affine, [2, 1], hidden: 7, 3, 4, 8,
            GlowVariant(
                scaleMap: .inverseSigmoid, stepTensors: [[[.scaleOffset], []], [[]]],
                priors: [.map(height: 2, width: 4), .map(height: 1, width: 2)])),
        GlowCase(
            .affine, [1, 2, 1], hidden: 9, 3, 8, 8,
            GlowVariant(
                affineOrder: .scaleFirst, scaleMap: .expSigmoid, split: .second,
                stepTensors: [[[.net2Border]], [[], [.scaleOffset]], [[.net0Border]]],
                priors: [.convolution([.weight, .border]), .convolution([.weight, .bias]), .convolution([.bias])])),
        GlowCase(
            .additive, [1, 2, 1], hidden: 5, 1, 8, 8,
            GlowVariant(
                split: .second, stepTensors: [[[.net0Border, .net2Border]], [[.net2Border], []], [[.net0Border, .net2Border]]],
                priors: [.convolution([.weight, .bias, .border]), nil, .convolution([.border])])),
        // Its log-determinant is constant.
        GlowCase(
            .additive, [2, 1], hidden: 20, 3, 8, 4,
            GlowVariant(squeezes: [.contiguous, .interleaved], priors: [.convolution([.bias, .border]), .map(height: 2, width: 1)])),
    ]

    /// Whether its log-determinant depends on the image.
    var scales: Bool {
        get throws { try !architecture().hasConstantLogDeterminant }
    }

    var testDescription: String {
        let differences = variant.differences(levels: steps.count).joined(separator: ", ")
        return "\(coupling) \(steps) h\(hidden) \(shape) \(differences)"
    }

    func architecture() throws -> GlowArchitecture {
        try GlowArchitecture(steps: steps, hidden: hidden, imageChannels: shape.channels, coupling: coupling, variant: variant)
    }

    func source() throws -> StrongGlow {
        StrongGlow(architecture: try architecture(), seed: 77)
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
