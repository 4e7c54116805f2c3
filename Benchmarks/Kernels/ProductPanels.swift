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
    private let start, input, output: AlignedBuffer<Float>
    private let bits: AlignedBuffer<UInt8>
    private let weights: [Float]

    init(_ layer: Layer, use: Use, epilogue: Epilogue, kernels: KernelTable) {
        self.kernels = kernels
        self.epilogue = epilogue
        isTransposed = use.isTransposed
        (rows, depth) = isTransposed ? (layer.depth, layer.rows) : (layer.rows, layer.depth)
        let vectors = layer.vectors(lanes: kernels.lanes)
        let count = (vectors + kernels.vectorsPerPanel - 1) / kernels.vectorsPerPanel
        panels = (1 ... count).map { $0 * vectors / count - ($0 - 1) * vectors / count }.sorted(by: >)
        stride = kernels.vectorsPerPanel * kernels.lanes

        let weights = normalNumbers(layer.rows * layer.depth, seed: 1)
        self.weights = weights
        matrix = PackedMatrix(rows: layer.rows, columns: layer.depth) { weights[$0 * layer.depth + $1] }
        start = AlignedBuffer(count: paddedToTile(rows))
        input = AlignedBuffer(count: paddedToTile(depth) * stride)
        output = AlignedBuffer(count: paddedToTile(rows) * stride)
        bits = AlignedBuffer(count: paddedToTile(rows) * stride / 8)
        for (row, number) in normalNumbers(rows, seed: 2).enumerated() { start.base[row] = number }
        for (index, number) in normalNumbers(depth * stride, seed: 3).enumerated() { input.base[index] = number }
        if case .mask = epilogue {
            for index in 0 ..< bits.count { bits.base[index] = UInt8(truncatingIfNeeded: 181 &* index &+ 77) }
        }
    }

    func run() {
        for vectors in panels { runPanel(vectors) }
    }

    private func runPanel(_ vectors: Int) {
        let product = PointwiseProduct(
            matrix, transposed: isTransposed, start: start.base, epilogue: epilogue,
            bits: bits.base, bitsStride: stride / 8,
            input: input.base, inputStride: stride, output: output.base, outputStride: stride)
        kernels.product(product, 0 ..< paddedToTile(rows) / PackedMatrix.edge, vectors)
    }

    /// Holds the largest panel against a plain loop in Double.
    ///
    /// - Throws: `WrongResult`.
    func check() throws {
        runPanel(panels[0])
        let pixels = panels[0] * kernels.lanes
        for row in 0 ..< rows {
            var expected = [Double](repeating: Double(start.base[row]), count: pixels)
            for k in 0 ..< depth {
                let weight = Double(isTransposed ? weights[k * rows + row] : weights[row * depth + k])
                for pixel in 0 ..< pixels { expected[pixel] += weight * Double(input.base[k * stride + pixel]) }
            }
            let found = UnsafeBufferPointer(start: output.base + row * stride, count: pixels)
            for pixel in 0 ..< pixels {
                let bit = bits.base[row * stride / 8 + pixel / 8] >> UInt8(pixel % 8) & 1 == 1
                switch epilogue {
                case .store: break
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
            try requireAgreement("row \(row)", found, expected, tolerance: 6e-8 * Double(depth + 1))
        }
    }
}
