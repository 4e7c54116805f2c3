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
    /// - Parameter precision: that of the network.
    init(_ parameters: FlowStepParameters, precision: Precision) {
        let shape = parameters.shape
        let (order, inputs, hidden) = (shape.channels, shape.channels / 2, shape.hidden)
        let matrix = parameters.mixing
        let network = CouplingNetwork(
            shape, precision: precision,
            weights: (
                CouplingNetwork.Weights(
                    direct: PackedMatrix(rows: hidden, columns: 9 * inputs, precision: precision) {
                        parameters.net0Weight[$0 * 9 * inputs + $1]
                    }),
                CouplingNetwork.Weights(
                    direct: PackedMatrix(rows: hidden, columns: hidden, precision: precision) { parameters.net1Weight[$0 * hidden + $1] }),
                CouplingNetwork.Weights(
                    direct: PackedMatrix(rows: 9 * shape.outputs, columns: hidden, precision: precision) { row, unit in
                        parameters.net2Weight[(row / 9 * hidden + unit) * 9 + row % 9]
                    })
            ))
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
