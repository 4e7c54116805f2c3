import ForwardOperators
import KernelInterface

/// Says where a solver starts. Except for `zero`, both formulations start at the same image.
public enum Initialization: Sendable, Equatable {
    /// The unknown is 0: mid-grey x in analysis, the latent z = 0 in synthesis.
    case zero
    /// x = A' y, normalized: `ForwardOperator.normalizedAdjoint`.
    case normalizedAdjoint
    /// This image, planar, in the range of the model.
    case image([Float])
    /// A sample of the prior: x = g(z), z ~ N(0, I), the same for the same seed.
    case random(seed: UInt64)
}

/// A start before the flow was asked: the unknown itself, or the point on the other side of the flow.
enum UnresolvedStart {
    case unknown([Float])
    case otherSide([Float])
}

extension InverseProblem {
    /// - Throws: what the operator throws; nothing for a problem that was validated.
    func unresolvedStart(_ formulation: Formulation) throws -> UnresolvedStart {
        let count = forwardOperator.imageShape.count
        return switch (start ?? (formulation == .analysis ? .normalizedAdjoint : .zero), formulation) {
        case (.zero, _): .unknown([Float](repeating: 0, count: count))
        case (.normalizedAdjoint, .analysis): .unknown(try forwardOperator.normalizedAdjoint(measurement))
        case (.normalizedAdjoint, .synthesis): .otherSide(try forwardOperator.normalizedAdjoint(measurement))
        case (.image(let image), .analysis): .unknown(image)
        case (.image(let image), .synthesis): .otherSide(image)
        case (.random(let seed), .analysis): .otherSide(Self.normalLatent(seed: seed, count: count))
        case (.random(let seed), .synthesis): .unknown(Self.normalLatent(seed: seed, count: count))
        }
    }

    private static func normalLatent(seed: UInt64, count: Int) -> [Float] {
        var generator = SeededGenerator(seed: seed, stream: .start)
        return (0 ..< count).map { _ in Float(generator.nextNormal()) }
    }
}
