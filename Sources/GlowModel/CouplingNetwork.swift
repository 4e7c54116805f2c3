import KernelInterface

/// The network of a coupling, h = conv3x3(relu(conv1x1(relu(conv3x3(a))))), as three pointwise matrix products.
///
/// A 3x3 convolution with zero padding is a product with gathered patches, X[9 c + tap] = a[c] at that tap's neighbour, or
/// a product followed by nine shifted additions, h[o] = sum over taps of T[9 o + tap] at that tap's neighbour. The network
/// uses the first form at its input and the second at its output, so that between them a pixel depends on itself alone.
/// In bf16 the three products round their weights and inputs; sums, biases and what leaves the network are float32.
package final class CouplingNetwork: Sendable {
    /// Channels that enter the network, and channels that it gives.
    package let inputChannels, outputChannels: Int
    package let precision: Precision
    /// Whether the network gives shifts and scales, not shifts alone.
    package var isAffine: Bool { outputChannels > inputChannels }

    /// W of the three layers: (h, 9 inputChannels), (h, h) and (9 outputChannels, h).
    package let weights: (Weights, Weights, Weights)
    /// (h), (h), (outputChannels), padded with zeros to whole tiles.
    package let biases: (AlignedBuffer<Float>, AlignedBuffer<Float>, AlignedBuffer<Float>)
    /// Holds as many zeros as the widest product has rows.
    package let zeros: AlignedBuffer<Float>
    /// What an affine coupling does with what the network gives.
    let form: AffineForm
    /// Whether the first layer has nine columns more: the kernel of a channel that is 1 outside of the image, in value maps.
    let hasInputBorder: Bool
    /// What the taps of the last layer are outside of the image in value maps, (outputChannels, 9); nil is zero.
    let outputBorder: AlignedBuffer<Float>?

    /// A network of these weights, with biases of zero for the caller to fill.
    package convenience init(
        _ shape: FlowStepShape, precision: Precision, weights: (Weights, Weights, Weights), form: AffineForm = .standard,
        hasInputBorder: Bool = false, outputBorder: AlignedBuffer<Float>? = nil
    ) {
        let inputs = shape.channels / 2
        self.init(
            inputChannels: inputs, outputChannels: shape.outputs, precision: precision, weights: weights,
            biases: (
                AlignedBuffer(count: paddedToTile(shape.hidden)), AlignedBuffer(count: paddedToTile(shape.hidden)),
                AlignedBuffer(count: paddedToTile(shape.outputs))
            ), zeros: AlignedBuffer(count: paddedToTile(max(shape.hidden, 9 * max(inputs, shape.outputs)))), form: form,
            hasInputBorder: hasInputBorder, outputBorder: outputBorder)
    }

    /// The same network in another precision; the biases are shared. Its weights are packed once each.
    func packed(in precision: Precision, arena: MemoryArena?) -> CouplingNetwork {
        func packed(_ weights: Weights) -> Weights { Weights(direct: weights.direct.matrix.packed(in: precision, arena: arena)) }
        return CouplingNetwork(
            inputChannels: inputChannels, outputChannels: outputChannels, precision: precision,
            weights: (packed(weights.0), packed(weights.1), packed(weights.2)), biases: biases, zeros: zeros, form: form,
            hasInputBorder: hasInputBorder, outputBorder: outputBorder)
    }

    private init(
        inputChannels: Int, outputChannels: Int, precision: Precision, weights: (Weights, Weights, Weights),
        biases: (AlignedBuffer<Float>, AlignedBuffer<Float>, AlignedBuffer<Float>), zeros: AlignedBuffer<Float>, form: AffineForm,
        hasInputBorder: Bool, outputBorder: AlignedBuffer<Float>?
    ) {
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.precision = precision
        self.weights = weights
        self.biases = biases
        self.zeros = zeros
        self.form = form
        self.hasInputBorder = hasInputBorder
        self.outputBorder = outputBorder
    }

    /// The weights W of one layer: where products with W and with W' find them.
    package struct Weights: Sendable {
        let direct: Side
        let transpose: Side

        /// - Parameters:
        ///   - direct: W packed.
        ///   - transposed: W' packed; nil where the product with W' is to transpose the other copy.
        package init(direct: PackedMatrix, transposed: PackedMatrix? = nil) {
            self.direct = Side(matrix: direct, isTransposed: false)
            transpose = Side(transposed, orTransposing: direct)
        }

        /// - Parameters:
        ///   - transposed: W' packed.
        ///   - direct: W packed; nil where the product with W is to transpose the other copy.
        package init(transposed: PackedMatrix, direct: PackedMatrix?) {
            self.direct = Side(direct, orTransposing: transposed)
            transpose = Side(matrix: transposed, isTransposed: false)
        }

        /// Bytes of the packed copies.
        var bytes: Int { direct.matrix.bytes + (direct.matrix === transpose.matrix ? 0 : transpose.matrix.bytes) }
    }

    /// A packed matrix, and whether a product reads its transpose.
    struct Side: Sendable {
        let matrix: PackedMatrix
        let isTransposed: Bool

        init(matrix: PackedMatrix, isTransposed: Bool) {
            self.matrix = matrix
            self.isTransposed = isTransposed
        }

        init(_ matrix: PackedMatrix?, orTransposing other: PackedMatrix) {
            self.init(matrix: matrix ?? other, isTransposed: matrix == nil)
        }

        var operand: MatrixOperand { matrix.operand(transposed: isTransposed) }
    }

    /// One of the three products of a map. It is valid as long as the network lives.
    struct Layer {
        let operand: MatrixOperand
        let start: UnsafePointer<Float>
        let epilogue: Epilogue
        /// Whether the relu bits that it writes or reads are those of the second hidden layer.
        let takesSecondBits: Bool
    }

    /// What a map does with the network.
    enum Map {
        /// h = net(a), recording where the relus are positive.
        case value
        /// dh = J da: the same products without bias, relus replaced by their recorded bits.
        case tangent
        /// J' w: the transposed products in reverse order.
        case cotangent
    }

    /// The products of a map, in the order in which they run.
    func layers(of map: Map) -> (Layer, Layer, Layer) {
        let none = UnsafePointer(zeros.base)
        func layer(_ operand: MatrixOperand, _ start: UnsafePointer<Float>, _ epilogue: Epilogue, second: Bool = false) -> Layer {
            Layer(operand: operand, start: start, epilogue: epilogue, takesSecondBits: second)
        }
        // What the border adds is a constant, so the Jacobian is that of the other columns.
        let gathered = 9 * inputChannels
        switch map {
        case .value:
            return (
                layer(weights.0.direct.operand, biases.0.base, .rectify),
                layer(weights.1.direct.operand, biases.1.base, .rectify, second: true),
                layer(weights.2.direct.operand, none, .store)
            )
        case .tangent:
            return (
                layer(weights.0.direct.operand.limited(depth: gathered), none, .mask),
                layer(weights.1.direct.operand, none, .mask, second: true),
                layer(weights.2.direct.operand, none, .store)
            )
        case .cotangent:
            return (
                layer(weights.2.transpose.operand, none, .mask, second: true), layer(weights.1.transpose.operand, none, .mask),
                layer(weights.0.transpose.operand.limited(rows: gathered), none, .store)
            )
        }
    }

    /// Channels that a map gathers, and channels that it gives.
    func channels(of map: Map) -> (gathered: Int, given: Int) {
        map == .cotangent ? (outputChannels, inputChannels) : (inputChannels, outputChannels)
    }

    /// What is added to the channels that a map gives.
    func start(of map: Map) -> UnsafePointer<Float> {
        UnsafePointer(map == .value ? biases.2.base : zeros.base)
    }

    /// What a map gathers and adds up beside the channels of the network.
    func borders(of map: Map) -> (gathered: Bool, given: UnsafePointer<Float>?) {
        map == .value ? (hasInputBorder, outputBorder.map { UnsafePointer($0.base) }) : (false, nil)
    }

    /// Bytes of the packed weights.
    var bytes: Int { weights.0.bytes + weights.1.bytes + weights.2.bytes }
}
