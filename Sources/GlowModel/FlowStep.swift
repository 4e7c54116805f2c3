import KernelInterface

/// One flow step as the kernels read it: u = M x + m at every pixel, then the coupling.
///
/// M holds actnorm and the 1x1 convolution. With (a, b) the halves of u, `a` conditions and `b` is transformed. Loaded weights fill a step
/// once, weights that are trained fill it anew whenever they have changed.
package final class FlowStep: Sendable {
    package let network: CouplingNetwork
    /// M and M^-1 (C, C), in fp32 always.
    package let mixing, unmixing: PackedMatrix
    /// m and -M^-1 m (C), padded with zeros to whole tiles.
    package let mixingBias, unmixingBias: AlignedBuffer<Float>

    /// - Parameters:
    ///   - mixing: M.
    ///   - unmixing: M^-1.
    package init(_ shape: FlowStepShape, mixing: PackedMatrix, unmixing: PackedMatrix, network: CouplingNetwork) {
        self.network = network
        self.mixing = mixing
        self.unmixing = unmixing
        mixingBias = AlignedBuffer(count: paddedToTile(shape.channels))
        unmixingBias = AlignedBuffer(count: paddedToTile(shape.channels))
    }

    /// The step with another network; all else is shared.
    init(_ step: FlowStep, network: CouplingNetwork) {
        self.network = network
        mixing = step.mixing
        unmixing = step.unmixing
        mixingBias = step.mixingBias
        unmixingBias = step.unmixingBias
    }

    /// The pointwise part of a map: which matrix, and what is added. Both are valid as long as the step lives.
    func mixing(of map: GlowMap) -> (matrix: MatrixOperand, start: UnsafePointer<Float>) {
        let none = UnsafePointer(network.zeros.base)
        return switch map {
        case .forward: (mixing.operand(), UnsafePointer(mixingBias.base))
        case .inverse: (unmixing.operand(), UnsafePointer(unmixingBias.base))
        case .forwardJVP: (mixing.operand(), none)
        case .forwardVJP: (mixing.operand(transposed: true), none)
        case .inverseJVP: (unmixing.operand(), none)
        case .inverseVJP: (unmixing.operand(transposed: true), none)
        }
    }

    /// -M^-1 m, the bias of the inverse.
    ///
    /// - Parameters:
    ///   - inverse: M^-1, (C, C), row-major.
    ///   - bias: m, (C).
    package static func unmixingBias(inverse: [Double], bias: [Double]) -> [Float] {
        bias.indices.map { row in
            var sum = 0.0
            for (column, value) in bias.enumerated() { sum += inverse[row * bias.count + column] * value }
            return Float(-sum)
        }
    }

    /// Bytes of the packed weights.
    var bytes: Int { mixing.bytes + unmixing.bytes + network.bytes }
}
