import KernelInterface

/// A flow step whose weights do not change.
struct LoadedStep: Sendable {
    let step: FlowStep
    /// log|det M|, the share of one pixel.
    let mixingLogDeterminant: Double

    /// The same step with its network in another precision.
    init(_ loaded: LoadedStep, precision: Precision) {
        step = FlowStep(loaded.step, network: loaded.step.network.packed(in: precision))
        mixingLogDeterminant = loaded.mixingLogDeterminant
    }

    /// Packs the weights of a step.
    ///
    /// - Parameters:
    ///   - variant: how the couplings of the flow scale.
    ///   - precision: that of the network.
    init(_ parameters: FlowStepParameters, variant: GlowVariant, precision: Precision) {
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
                    direct: PackedMatrix(rows: hidden, columns: 9 * inputs + (inputBorder == nil ? 0 : 9), precision: precision) {
                        unit, column in
                        column < 9 * inputs
                            ? parameters.net0Weight[unit * 9 * inputs + column] : inputBorder?[9 * unit + column - 9 * inputs] ?? 0
                    }),
                CouplingNetwork.Weights(
                    direct: PackedMatrix(rows: hidden, columns: hidden, precision: precision) { parameters.net1Weight[$0 * hidden + $1] }),
                CouplingNetwork.Weights(
                    direct: PackedMatrix(rows: 9 * shape.outputs, columns: hidden, precision: precision) { row, unit in
                        parameters.net2Weight[(row / 9 * hidden + unit) * 9 + row % 9]
                    })
            ), form: variant.form(offset: parameters[.scaleOffset]?.first ?? 0), hasInputBorder: inputBorder != nil,
            outputBorder: outputBorder)
        network.biases.0.fill(parameters.net0Bias)
        network.biases.1.fill(parameters.net1Bias)
        network.biases.2.fill(parameters.net2Bias)
        step = FlowStep(
            shape, mixing: PackedMatrix(rows: order, columns: order) { matrix.elements[$0 * order + $1] },
            unmixing: PackedMatrix(rows: order, columns: order) { Float(matrix.inverse[$0 * order + $1]) }, network: network)
        step.mixingBias.fill(parameters.mixingBias)
        step.unmixingBias.fill(FlowStep.unmixingBias(inverse: matrix.inverse, bias: parameters.mixingBias.map(Double.init)))
        mixingLogDeterminant = matrix.logAbsDeterminant
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
