import KernelInterface

/// A flow step whose weights do not change.
struct LoadedStep: Sendable {
    let step: FlowStep
    /// log|det M|, the share of one pixel.
    let mixingLogDeterminant: Double

    /// The same step with its network in another precision.
    init(_ loaded: LoadedStep, precision: Precision, in arena: MemoryArena?) {
        step = FlowStep(loaded.step, network: loaded.step.network.packed(in: precision, arena: arena))
        mixingLogDeterminant = loaded.mixingLogDeterminant
    }

    /// Packs the weights of a step.
    ///
    /// - Parameters:
    ///   - variant: how the couplings of the flow scale.
    ///   - precision: that of the network.
    ///   - arena: what the memory of the matrices is cut from.
    init(_ parameters: FlowStepParameters, variant: GlowVariant, precision: Precision, in arena: MemoryArena?) {
        let shape = parameters.shape
        let (order, inputs, hidden) = (shape.channels, shape.channels / 2, shape.hidden)
        let matrix = parameters.mixing
        let inputBorder = parameters[.net0Border]
        let outputBorder = parameters[.net2Border].map { values in
            let border = AlignedBuffer<Float>(count: values.count)
            border.fill(values)
            return border
        }
        let network = CouplingNetwork(
            shape, precision: precision,
            weights: (
                CouplingNetwork.Weights(
                    direct: Self.packed(
                        inputBorder.map { Self.joined(parameters.net0Weight, 9 * inputs, $0, 9) } ?? parameters.net0Weight,
                        rows: hidden, columns: 9 * inputs + (inputBorder == nil ? 0 : 9), precision, in: arena)),
                CouplingNetwork.Weights(direct: Self.packed(parameters.net1Weight, rows: hidden, columns: hidden, precision, in: arena)),
                // Taps are rows of their own.
                CouplingNetwork.Weights(
                    direct: Self.packed(
                        parameters.net2Weight, rows: 9 * shape.outputs, columns: hidden, precision, in: arena, columnStride: 9
                    ) {
                        $0 / 9 * hidden * 9 + $0 % 9
                    })
            ), form: variant.form(offset: parameters[.scaleOffset]?.first ?? 0), hasInputBorder: inputBorder != nil,
            outputBorder: outputBorder)
        network.biases.0.fill(parameters.net0Bias)
        network.biases.1.fill(parameters.net1Bias)
        network.biases.2.fill(parameters.net2Bias)
        step = FlowStep(
            shape, mixing: Self.packed(matrix.elements, rows: order, columns: order, .fp32, in: arena),
            unmixing: Self.packed(matrix.inverse.map(Float.init), rows: order, columns: order, .fp32, in: arena), network: network)
        step.mixingBias.fill(parameters.mixingBias)
        step.unmixingBias.fill(FlowStep.unmixingBias(inverse: matrix.inverse, bias: parameters.mixingBias.map(Double.init)))
        mixingLogDeterminant = matrix.logAbsDeterminant
    }

    /// Packs element (row, column), which is `values[start(row) + column * columnStride]`; where `start` is nil, rows follow one another.
    private static func packed(
        _ values: [Float], rows: Int, columns: Int, _ precision: Precision, in arena: MemoryArena?, columnStride: Int = 1,
        start: ((_ row: Int) -> Int)? = nil
    ) -> PackedMatrix {
        values.withUnsafeBufferPointer { values in
            guard let source = values.baseAddress else { return PackedMatrix(zeroRows: rows, columns: columns, precision: precision) }
            return PackedMatrix(rows: rows, columns: columns, precision: precision, from: source, columnStride: columnStride, in: arena) {
                start?($0) ?? $0 * columns
            }
        }
    }

    /// Bytes of the matrices of a step, of those of its network alone where it shares the others.
    static func matrixBytes(_ shape: FlowStepShape, precision: Precision, ofNetwork: Bool) -> Int {
        func bytes(_ rows: Int, _ columns: Int) -> Int { PackedMatrix.bytes(rows: rows, columns: columns, precision: precision) }
        let network =
            bytes(shape.hidden, 9 * (shape.channels / 2 + 1)) + bytes(shape.hidden, shape.hidden) + bytes(9 * shape.outputs, shape.hidden)
        return network + (ofNetwork ? 0 : 2 * PackedMatrix.bytes(rows: shape.channels, columns: shape.channels, precision: .fp32))
    }

    /// Rows of `a` numbers, each followed by one of `b`.
    private static func joined(_ left: [Float], _ a: Int, _ right: [Float], _ b: Int) -> [Float] {
        (0 ..< left.count / a).flatMap { row -> ArraySlice<Float> in
            left[row * a ..< (row + 1) * a] + right[row * b ..< (row + 1) * b]
        }
    }
}

extension GlowVariant {
    /// What the kernels compute of a step with this offset.
    func form(offset: Float) -> AffineForm {
        let map: AffineForm.ScaleMap =
            switch scaleMap {
            case .sigmoid: .sigmoid
            case .exp: .exponential
            case .inverseSigmoid: .inverseSigmoid
            case .expSigmoid: .exponentialOfSigmoid
            }
        return AffineForm(scaleMap: map, offset: offset, scalesFirst: affineOrder == .scaleFirst)
    }
}
