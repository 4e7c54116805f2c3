import Measuring
import Reglow

/// A layer's product as a flow runs it on one image: panel after panel of pixels, the data of a panel in the cache.
///
/// All panels have the same numbers, so that only the weights come from farther away.
final class ProductPanels {
    private let kernels: KernelTable
    private let matrix: PackedMatrix
    private let isTransposed: Bool
    private let epilogue: Epilogue
    /// Rows and depth of the product, transposed or not.
    private let rows, depth: Int
    /// Vectors of each panel; the first is the largest.
    private let panels: [Int]
    private let stride: Int
    private let start, input, output, scratch: AlignedBuffer<Float>
    private let bits: AlignedBuffer<UInt8>
    /// What is multiplied, in the layer's order and by (depth, pixels): in bf16 rounded.
    private let weights, numbers: [Float]

    init(_ layer: Layer, precision: Precision, use: Use, epilogue: Epilogue, kernels: KernelTable) {
        self.kernels = kernels
        self.epilogue = epilogue
        isTransposed = use.isTransposed
        (rows, depth) = isTransposed ? (layer.depth, layer.rows) : (layer.rows, layer.depth)
        let vectors = layer.vectors(lanes: kernels.lanes)
        let count = (vectors + kernels.vectorsPerPanel - 1) / kernels.vectorsPerPanel
        panels = (1 ... count).map { $0 * vectors / count - ($0 - 1) * vectors / count }.sorted(by: >)
        stride = kernels.vectorsPerPanel * kernels.lanes

        let weights = normalNumbers(layer.rows * layer.depth, seed: 1).map { rounded($0, to: precision) }
        self.weights = weights
        matrix = PackedMatrix(rows: layer.rows, columns: layer.depth, precision: precision) { weights[$0 * layer.depth + $1] }
        start = AlignedBuffer(count: paddedToTile(rows))
        input = AlignedBuffer(count: paddedToTile(depth) * stride)
        output = AlignedBuffer(count: paddedToTile(rows) * stride)
        scratch = AlignedBuffer(count: PointwiseProduct.scratchWords(depth: depth))
        bits = AlignedBuffer(count: paddedToTile(rows) * stride / 8)
        numbers = normalNumbers(depth * stride, seed: 3).map { rounded($0, to: precision) }
        for (row, number) in normalNumbers(rows, seed: 2).enumerated() { start.base[row] = number }
        for (index, number) in numbers.enumerated() {
            switch precision {
            case .fp32: input.base[index] = number
            case .bf16:
                let (row, pixel) = index.quotientAndRemainder(dividingBy: stride)
                let word = row / 2 * stride + pixel
                let half = UInt32(BrainFloat.bits(number)) << UInt32(16 * (row % 2))
                input.base[word] = Float(bitPattern: input.base[word].bitPattern | half)
            }
        }
        if case .mask = epilogue {
            for index in 0 ..< bits.count { bits.base[index] = UInt8(truncatingIfNeeded: 181 &* index &+ 77) }
        }
    }

    func run() {
        for vectors in panels { runPanel(vectors) }
    }

    private func runPanel(_ vectors: Int) {
        let product = PointwiseProduct(
            matrix.operand(transposed: isTransposed), start: start.base, epilogue: epilogue,
            bits: bits.base, bitsStride: stride / 8,
            input: input.base, inputStride: stride, output: output.base, outputStride: stride, scratch: scratch.base)
        kernels.product(product, 0 ..< paddedToTile(rows) / PackedMatrix.edge, vectors)
    }

    /// Holds the largest panel against a plain loop in Double, before anything else has run: what is added is added to zeros.
    ///
    /// - Throws: `WrongResult`.
    func check() throws {
        runPanel(panels[0])
        let pixels = panels[0] * kernels.lanes
        for row in 0 ..< rows {
            var expected = [Double](repeating: Double(start.base[row]), count: pixels)
            for k in 0 ..< depth {
                let weight = Double(isTransposed ? weights[k * rows + row] : weights[row * depth + k])
                for pixel in 0 ..< pixels { expected[pixel] += weight * Double(numbers[k * stride + pixel]) }
            }
            let found = (0 ..< pixels).map { result(row, $0) }
            for pixel in 0 ..< pixels {
                let bit = bits.base[row * stride / 8 + pixel / 8] >> UInt8(pixel % 8) & 1 == 1
                switch epilogue {
                case .store, .add: break
                case .rectify:
                    guard bit == (found[pixel] > 0) else {
                        throw WrongResult("row \(row): the bit of pixel \(pixel) is \(bit), the value is \(found[pixel])")
                    }
                    expected[pixel] = max(0, expected[pixel])
                case .mask:
                    if !bit { expected[pixel] = 0 }
                }
            }
            // Each of the depth additions of a chain rounds; the sum is about as large as the root of their number.
            let sumTolerance = 6e-8 * Double(depth + 1)
            try requireAgreement("row \(row)", found, expected, tolerance: isPacked ? sumTolerance + BrainFloat.roundoff : sumTolerance)
        }
    }

    /// Whether two rows of the result, rounded to bfloat16, share a word.
    private var isPacked: Bool {
        switch epilogue {
        case .store, .add: false
        case .rectify, .mask: matrix.precision == .bf16
        }
    }

    private func result(_ row: Int, _ pixel: Int) -> Float {
        guard isPacked else { return output.base[row * stride + pixel] }
        let word = output.base[row / 2 * stride + pixel].bitPattern
        return BrainFloat.value(UInt16(truncatingIfNeeded: row % 2 == 0 ? word : word >> 16))
    }
}

private func rounded(_ number: Float, to precision: Precision) -> Float {
    precision == .fp32 ? number : BrainFloat.value(BrainFloat.bits(number))
}
