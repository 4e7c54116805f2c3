import GlowModel
import KernelInterface

/// The weights of one step as the kernels read them, folded and packed anew whenever the parameters have changed.
final class PackedStep {
    /// A matrix and the side from which a product takes it.
    struct Layer {
        let matrix: PackedMatrix
        let transposed: Bool

        /// Tiles of rows that the product gives.
        var rowTiles: Int { transposed ? matrix.columnTiles : matrix.rowTiles }
    }

    let shape: FlowStepShape
    let precision: Precision
    /// What `refresh` folded last.
    private(set) var fold: Mixing?

    /// M and M^-1, (C, C), float32 always; m and -M^-1 m.
    let mixing, unmixing: PackedMatrix
    let mixingBias, unmixingBias: AlignedBuffer<Float>
    /// (h), (h), (O)
    let firstBias, secondBias, thirdBias: AlignedBuffer<Float>
    /// As many zeros as the widest product has rows.
    let zeros: AlignedBuffer<Float>

    /// (9 C/2, h), (h, h) and (9 O, h), and in bf16 the transposes: there a product that turns its weights itself is slower.
    private let networks: [PackedMatrix]
    private let transposes: [PackedMatrix]
    /// Third layer with the output scale folded in, (9 O, h).
    private let scaledThird: AlignedBuffer<Float>

    init(shape: FlowStepShape, precision: Precision) {
        self.shape = shape
        self.precision = precision
        let (order, hidden) = (shape.channels, shape.hidden)
        mixing = PackedMatrix(rows: order, columns: order) { _, _ in 0 }
        unmixing = PackedMatrix(rows: order, columns: order) { _, _ in 0 }
        mixingBias = AlignedBuffer(count: paddedToTile(order))
        unmixingBias = AlignedBuffer(count: paddedToTile(order))
        firstBias = AlignedBuffer(count: paddedToTile(hidden))
        secondBias = AlignedBuffer(count: paddedToTile(hidden))
        thirdBias = AlignedBuffer(count: paddedToTile(shape.outputs))
        zeros = AlignedBuffer(count: paddedToTile(max(hidden, 9 * shape.outputs, 9 * order / 2)))
        let rows = [9 * (order / 2), hidden, 9 * shape.outputs]
        networks = rows.map { PackedMatrix(rows: $0, columns: hidden, precision: precision) { _, _ in 0 } }
        transposes =
            precision == .fp32 ? [] : rows.map { PackedMatrix(rows: hidden, columns: $0, precision: precision) { _, _ in 0 } }
        scaledThird = AlignedBuffer(count: 9 * shape.outputs * hidden)
    }

    /// log|det M|, the share of one pixel.
    var mixingLogDeterminant: Double { fold?.logAbsDeterminant ?? 0 }

    /// net(a) through its three products.
    var values: (Layer, Layer, Layer) { (transpose(0), transpose(1), network(2)) }
    /// J' w through the same products, the last first.
    var cotangents: (Layer, Layer, Layer) { (transpose(2), network(1), network(0)) }

    private func network(_ index: Int) -> Layer { Layer(matrix: networks[index], transposed: false) }

    private func transpose(_ index: Int) -> Layer {
        precision == .fp32
            ? Layer(matrix: networks[index], transposed: true) : Layer(matrix: transposes[index], transposed: false)
    }

    /// Folds and packs these parameters; M^-1 only where `withInverse` asks for it.
    func refresh(_ step: StepValues, frame: MixingFrame, withInverse: Bool) {
        refreshMixing(Mixing(step, frame: frame), withInverse: withInverse)
        let hidden = shape.hidden
        let outputScales = step[.net2LogScale].map(outputScale(logScale:))
        let third = step[.net2Weight]
        for row in 0 ..< 9 * shape.outputs {
            let scale = outputScales[row / 9]
            for unit in row * hidden ..< (row + 1) * hidden { scaledThird.base[unit] = third[unit] * scale }
        }
        let sources = [step[.net0Weight].baseAddress, step[.net1Weight].baseAddress, UnsafePointer(scaledThird.base)]
        for case (let index, let source?) in sources.enumerated() {
            let matrix = networks[index]
            matrix.repack(rowTiles: 0 ..< matrix.rowTiles, from: source, rowStride: hidden, columnStride: 1)
            if precision == .bf16 {
                let transpose = transposes[index]
                transpose.repack(rowTiles: 0 ..< transpose.rowTiles, from: source, rowStride: 1, columnStride: hidden)
            }
        }
        copy(step[.net0Bias], into: firstBias)
        copy(step[.net1Bias], into: secondBias)
        for (output, bias) in step[.net2Bias].enumerated() { thirdBias.base[output] = bias * outputScales[output] }
    }

    private func refreshMixing(_ fold: Mixing, withInverse: Bool) {
        let order = shape.channels
        self.fold = fold
        repack(mixing, fold.matrix)
        for row in 0 ..< order { mixingBias.base[row] = Float(fold.bias[row]) }
        guard withInverse else { return }
        let inverse = fold.inverse()
        repack(unmixing, inverse)
        for row in 0 ..< order {
            var sum = 0.0
            for column in 0 ..< order { sum += inverse[row * order + column] * fold.bias[column] }
            unmixingBias.base[row] = Float(-sum)
        }
    }

    private func repack(_ matrix: PackedMatrix, _ elements: [Double]) {
        elements.map(Float.init).withUnsafeBufferPointer { elements in
            guard let source = elements.baseAddress else { return }
            matrix.repack(rowTiles: 0 ..< matrix.rowTiles, from: source, rowStride: shape.channels, columnStride: 1)
        }
    }

    private func copy(_ values: UnsafeBufferPointer<Float>, into buffer: AlignedBuffer<Float>) {
        for (index, value) in values.enumerated() { buffer.base[index] = value }
    }
}
