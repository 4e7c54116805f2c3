import KernelInterface

/// One flow step, ready for the kernels: u = M x + m at every pixel, then the coupling.
///
/// M holds actnorm and the 1x1 convolution. With (a, b) the halves of u, `a` conditions and `b` is transformed.
final class FlowStep: Sendable {
    /// C
    let channels: Int
    let network: CouplingNetwork
    /// log|det M|, the share of one pixel.
    let mixingLogDeterminant: Double

    /// M and M^-1 (C, C).
    private let mixing, unmixing: PackedMatrix
    /// m and -M^-1 m (C).
    private let mixingBias, unmixingBias: AlignedBuffer<Float>

    /// - Parameter precision: that of the network; M is float32 always.
    init(_ parameters: FlowStepParameters, precision: Precision) {
        let shape = parameters.shape
        let order = shape.channels
        channels = order
        network = CouplingNetwork(
            inputChannels: order / 2, hidden: shape.hidden, outputChannels: shape.outputs, precision: precision,
            weights: (parameters.net0Weight, parameters.net1Weight, parameters.net2Weight),
            biases: (parameters.net0Bias, parameters.net1Bias, parameters.net2Bias))
        let matrix = parameters.mixing
        mixingLogDeterminant = matrix.logAbsDeterminant
        mixing = PackedMatrix(rows: order, columns: order) { matrix.elements[$0 * order + $1] }
        unmixing = PackedMatrix(rows: order, columns: order) { Float(matrix.inverse[$0 * order + $1]) }
        mixingBias = paddedBuffer(parameters.mixingBias)
        unmixingBias = paddedBuffer((0 ..< order).map { row in
            let sum = (0 ..< order).reduce(0.0) {
                $0 + matrix.inverse[row * order + $1] * Double(parameters.mixingBias[$1])
            }
            return Float(-sum)
        })
    }

    /// The pointwise part of a map: which matrix, and what is added.
    func mixing(of map: GlowMap) -> (matrix: PackedMatrix, transposed: Bool, start: UnsafePointer<Float>) {
        let none = UnsafePointer(network.zeros.base)
        return switch map {
        case .forward: (mixing, false, UnsafePointer(mixingBias.base))
        case .inverse: (unmixing, false, UnsafePointer(unmixingBias.base))
        case .forwardJVP: (mixing, false, none)
        case .forwardVJP: (mixing, true, none)
        case .inverseJVP: (unmixing, false, none)
        case .inverseVJP: (unmixing, true, none)
        }
    }

    /// Bytes of the packed weights.
    var bytes: Int {
        [mixing, unmixing, network.first, network.second, network.third].reduce(0) { $0 + $1.bytes }
    }
}
