import KernelInterface

/// The network of a coupling, h = conv3x3(relu(conv1x1(relu(conv3x3(a))))), as three pointwise matrix products.
///
/// A 3x3 convolution with zero padding is a product with gathered patches, X[9 c + tap] = a[c] at that tap's neighbour, or
/// a product followed by nine shifted additions, h[o] = sum over taps of T[9 o + tap] at that tap's neighbour. The network
/// uses the first form at its input and the second at its output, so that between them a pixel depends on itself alone.
/// In bf16 the three products round their weights and inputs; sums, biases and what leaves the network are float32.
/// Weights are packed once; the transposed products of the cotangent map read the same copy.
final class CouplingNetwork: Sendable {
    let inputChannels: Int
    let hidden: Int
    let outputChannels: Int
    let precision: Precision

    /// (h, 9 inputChannels), (h, h), (9 outputChannels, h)
    let first, second, third: PackedMatrix
    /// (h), (h), (outputChannels), padded with zeros to whole tiles.
    let firstBias, secondBias, thirdBias: AlignedBuffer<Float>
    /// As many zeros as the widest product has rows.
    let zeros: AlignedBuffer<Float>

    /// - Parameters:
    ///   - weights: (h, inputChannels, 3, 3), (h, h) and (outputChannels, h, 3, 3), row-major.
    ///   - biases: (h), (h), (outputChannels).
    init(
        inputChannels: Int, hidden: Int, outputChannels: Int, precision: Precision,
        weights: (first: [Float], second: [Float], third: [Float]),
        biases: (first: [Float], second: [Float], third: [Float])
    ) {
        self.inputChannels = inputChannels
        self.hidden = hidden
        self.outputChannels = outputChannels
        self.precision = precision
        first = PackedMatrix(rows: hidden, columns: 9 * inputChannels, precision: precision) {
            weights.first[$0 * 9 * inputChannels + $1]
        }
        second = PackedMatrix(rows: hidden, columns: hidden, precision: precision) { weights.second[$0 * hidden + $1] }
        third = PackedMatrix(rows: 9 * outputChannels, columns: hidden, precision: precision) { row, unit in
            weights.third[(row / 9 * hidden + unit) * 9 + row % 9]
        }
        firstBias = paddedBuffer(biases.first)
        secondBias = paddedBuffer(biases.second)
        thirdBias = paddedBuffer(biases.third)
        zeros = AlignedBuffer(count: paddedToTile(max(hidden, 9 * max(inputChannels, outputChannels))))
    }

    /// One of the three products of a map.
    struct Layer {
        let matrix: PackedMatrix
        let transposed: Bool
        let start: UnsafePointer<Float>
        let epilogue: Epilogue
        /// Which of the two recorded layers of relu bits it writes or reads.
        let bitsLayer: Int

        /// Tiles of rows that the product gives.
        var rowTiles: Int { transposed ? matrix.columnTiles : matrix.rowTiles }
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
        switch map {
        case .value:
            return (
                Layer(matrix: first, transposed: false, start: firstBias.base, epilogue: .rectify, bitsLayer: 0),
                Layer(matrix: second, transposed: false, start: secondBias.base, epilogue: .rectify, bitsLayer: 1),
                Layer(matrix: third, transposed: false, start: none, epilogue: .store, bitsLayer: 0)
            )
        case .tangent:
            return (
                Layer(matrix: first, transposed: false, start: none, epilogue: .mask, bitsLayer: 0),
                Layer(matrix: second, transposed: false, start: none, epilogue: .mask, bitsLayer: 1),
                Layer(matrix: third, transposed: false, start: none, epilogue: .store, bitsLayer: 0)
            )
        case .cotangent:
            return (
                Layer(matrix: third, transposed: true, start: none, epilogue: .mask, bitsLayer: 1),
                Layer(matrix: second, transposed: true, start: none, epilogue: .mask, bitsLayer: 0),
                Layer(matrix: first, transposed: true, start: none, epilogue: .store, bitsLayer: 0)
            )
        }
    }

    /// Channels that a map gathers, and channels that it gives.
    func channels(of map: Map) -> (gathered: Int, given: Int) {
        map == .cotangent ? (outputChannels, inputChannels) : (inputChannels, outputChannels)
    }

    /// What is added to the channels that a map gives.
    func start(of map: Map) -> UnsafePointer<Float> {
        UnsafePointer(map == .value ? thirdBias.base : zeros.base)
    }
}

/// `values` followed by zeros up to a whole tile.
func paddedBuffer(_ values: [Float]) -> AlignedBuffer<Float> {
    let buffer = AlignedBuffer<Float>(count: paddedToTile(values.count))
    for (index, value) in values.enumerated() { buffer.base[index] = value }
    return buffer
}
