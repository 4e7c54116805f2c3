import GlowModel
import KernelInterface

/// A flow step whose weights are folded and packed anew whenever the parameters have changed.
final class TrainedStep {
    let step: FlowStep
    /// What `refresh` folded last.
    private(set) var fold: Mixing?

    private let shape: FlowStepShape
    /// W as the gradients come, (9 C/2, h) and (h, h) of (input, output) and (9 O, h) of (output, input); and in bf16 the transposes, since
    /// there a product that transposes its weights itself is slower.
    private let matrices, transposes: [PackedMatrix]
    /// Third layer with the output scale folded in, (9 O, h).
    private let scaledThird: AlignedBuffer<Float>

    /// A step of weights zero.
    init(shape: FlowStepShape, precision: Precision) {
        self.shape = shape
        let (order, hidden) = (shape.channels, shape.hidden)
        let rows = [9 * (order / 2), hidden, 9 * shape.outputs]
        let matrices = rows.map { PackedMatrix(rows: $0, columns: hidden, precision: precision) { _, _ in 0 } }
        let transposes =
            precision == .fp32 ? [] : rows.map { PackedMatrix(rows: hidden, columns: $0, precision: precision) { _, _ in 0 } }
        let network = CouplingNetwork(
            shape, precision: precision,
            weights: (
                CouplingNetwork.Weights(transposed: matrices[0], direct: transposes.first),
                CouplingNetwork.Weights(transposed: matrices[1], direct: transposes.dropFirst().first),
                CouplingNetwork.Weights(direct: matrices[2], transposed: transposes.last)
            ))
        step = FlowStep(
            shape, mixing: PackedMatrix(rows: order, columns: order) { _, _ in 0 },
            unmixing: PackedMatrix(rows: order, columns: order) { _, _ in 0 }, network: network)
        self.matrices = matrices
        self.transposes = transposes
        scaledThird = AlignedBuffer(count: 9 * shape.outputs * hidden)
    }

    /// log|det M|, the share of one pixel.
    var mixingLogDeterminant: Double { fold?.logAbsDeterminant ?? 0 }

    /// Folds and packs these parameters; M^-1 only where `withInverse` asks for it.
    func refresh(_ values: StepValues, frame: MixingFrame, withInverse: Bool) {
        refreshMixing(Mixing(values, frame: frame), withInverse: withInverse)
        let hidden = shape.hidden
        let outputScales = values[.net2LogScale].map(outputScale(logScale:))
        let third = values[.net2Weight]
        for row in 0 ..< 9 * shape.outputs {
            let scale = outputScales[row / 9]
            for unit in row * hidden ..< (row + 1) * hidden { scaledThird.base[unit] = third[unit] * scale }
        }
        let sources = [values[.net0Weight].baseAddress, values[.net1Weight].baseAddress, UnsafePointer(scaledThird.base)]
        for case (let index, let source?) in sources.enumerated() {
            let matrix = matrices[index]
            matrix.repack(rowTiles: 0 ..< matrix.rowTiles, from: source, rowStride: hidden, columnStride: 1)
            guard !transposes.isEmpty else { continue }
            let transpose = transposes[index]
            transpose.repack(rowTiles: 0 ..< transpose.rowTiles, from: source, rowStride: 1, columnStride: hidden)
        }
        step.network.biases.0.fill(values[.net0Bias])
        step.network.biases.1.fill(values[.net1Bias])
        step.network.biases.2.fill(zip(values[.net2Bias], outputScales).lazy.map { $0 * $1 })
    }

    private func refreshMixing(_ fold: Mixing, withInverse: Bool) {
        self.fold = fold
        repack(step.mixing, fold.matrix)
        step.mixingBias.fill(fold.bias.lazy.map(Float.init))
        guard withInverse else { return }
        let inverse = fold.inverse()
        repack(step.unmixing, inverse)
        step.unmixingBias.fill(FlowStep.unmixingBias(inverse: inverse, bias: fold.bias))
    }

    private func repack(_ matrix: PackedMatrix, _ elements: [Double]) {
        elements.map(Float.init).withUnsafeBufferPointer { elements in
            guard let source = elements.baseAddress else { return }
            matrix.repack(rowTiles: 0 ..< matrix.rowTiles, from: source, rowStride: shape.channels, columnStride: 1)
        }
    }
}
