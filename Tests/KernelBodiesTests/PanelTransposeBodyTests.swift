import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// `KernelTable.transpose` and the product along the pixels that it makes possible, against their contracts.
@Suite struct PanelTransposeBodyTests {
    /// Rows of A, columns of B (rows of its panel) and vectors of pixels: whole tiles and vectors, and parts of them.
    static let sizes = [(8, 16, 1), (56, 128, 4), (9, 5, 3), (16, 24, 8), (1, 33, 2)]

    /// A panel (rows, pixels) as the products give it, padded to whole tiles of rows with zeros.
    private func panel(_ numbers: [Float], rows: Int, pixels: Int, _ precision: Precision) -> GuardedPanel<Float> {
        func number(_ row: Int, _ pixel: Int) -> Float { row < rows ? numbers[row * pixels + pixel] : 0 }
        return switch precision {
        case .fp32: GuardedPanel(paddedToTile(rows), pixels, element: number)
        case .bf16:
            GuardedPanel(paddedToTile(rows) / 2, pixels) {
                packedPair(even: number(2 * $0, $1), odd: number(2 * $0 + 1, $1))
            }
        }
    }

    /// The panel transposed into weights or into an input, and what was added to its sums, which start at 3.
    private func transposed(
        _ panel: GuardedPanel<Float>, rows: Int, _ precision: Precision, isWeights: Bool, _ table: KernelTable
    ) -> (output: GuardedPanel<Float>, sums: [Float]) {
        let tiles = paddedToTile(rows) / PackedMatrix.edge
        let depth = precision == .fp32 ? panel.columns : panel.columns / 2
        // Weights: (tiles, depth, 8) in one row. An input: (depth, columns), with room for whole vectors.
        let output =
            isWeights
            ? GuardedPanel<Float>(1, tiles * depth * 8)
            : GuardedPanel<Float>(depth, (8 * tiles + table.lanes - 1) / table.lanes * table.lanes)
        let sums = GuardedPanel<Float>(1, 8 * tiles) { _, _ in 3 }
        let transpose = PanelTranspose(
            precision: precision, input: panel.base, inputStride: panel.stride, output: output.base,
            tileStride: isWeights ? PanelTranspose.weightsTileStride(precision, pixels: panel.columns) : 8,
            pixelStride: isWeights ? 8 : output.stride, sums: sums.base)
        table.transpose(transpose, tiles, panel.columns / table.lanes)
        #expect(panel.changes() == 0)
        #expect(output.changes(outsideRows: 0 ..< output.rows, columns: 0 ..< (isWeights ? output.columns : 8 * tiles)) == 0)
        #expect(sums.changes(outsideRows: 0 ..< 1, columns: 0 ..< 8 * tiles) == 0)
        return (output, (0 ..< rows).map { sums[0, $0] })
    }

    @Test(arguments: InstructionSet.supported, Precision.allCases)
    func turnsEveryNumber(set: InstructionSet, precision: Precision) {
        for (rows, _, vectors) in Self.sizes {
            let pixels = vectors * set.table.lanes
            let numbers = signedNumbers(rows * pixels, seed: 1)
            let source = panel(numbers, rows: rows, pixels: pixels, precision)
            let (weights, sums) = transposed(source, rows: rows, precision, isWeights: true, set.table)
            let (input, inputSums) = transposed(source, rows: rows, precision, isWeights: false, set.table)
            var faults = 0
            for row in 0 ..< rows {
                for p in 0 ..< (precision == .fp32 ? pixels : pixels / 2) {
                    let expected =
                        precision == .fp32
                        ? numbers[row * pixels + p]
                        : packedPair(even: numbers[row * pixels + 2 * p], odd: numbers[row * pixels + 2 * p + 1])
                    let place = (row / 8 * (precision == .fp32 ? pixels : pixels / 2) + p) * 8 + row % 8
                    faults += weights[0, place].bits == expected.bits ? 0 : 1
                    faults += input[p, row].bits == expected.bits ? 0 : 1
                }
                // A chain of additions: the error is at most its length in roundings of the sum of magnitudes.
                let terms = (0 ..< pixels).map { pixel -> Double in
                    let number = numbers[row * pixels + pixel]
                    return Double(precision == .fp32 ? number : roundedToBrainFloat(number))
                }
                let magnitude = terms.reduce(3) { $0 + abs($1) }
                #expect(roundings(sums[row], terms.reduce(3, +), magnitude: magnitude) <= Double(pixels + 1))
                #expect(inputSums[row] == sums[row])
            }
            #expect(faults == 0, "\(rows) rows, \(vectors) vectors")
        }
    }

    /// S + A B', held against plain loops: chains over the pixels, then one addition to what was stored.
    @Test(arguments: InstructionSet.supported, Precision.allCases)
    func addsOuterProducts(set: InstructionSet, precision: Precision) {
        let table = set.table
        for (rows, columns, vectors) in Self.sizes {
            let pixels = vectors * table.lanes
            let (a, b) = (signedNumbers(rows * pixels, seed: 2), signedNumbers(columns * pixels, seed: 3))
            let weights = transposed(panel(a, rows: rows, pixels: pixels, precision), rows: rows, precision, isWeights: true, table).output
            let input = transposed(
                panel(b, rows: columns, pixels: pixels, precision), rows: columns, precision, isWeights: false, table
            ).output
            // Columns between the last tile and the last vector are never read into a sum that counts.
            for p in 0 ..< input.rows {
                for column in paddedToTile(columns) ..< max(paddedToTile(columns), input.columns) { input[p, column] = 0 }
            }
            let first = signedNumbers(paddedToTile(rows) * input.columns, seed: 4)
            let sums = GuardedPanel<Float>(paddedToTile(rows), input.columns) { first[$0 * input.columns + $1] }
            let zeros = GuardedPanel<Float>(1, paddedToTile(rows)) { _, _ in 0 }
            let product = PointwiseProduct(
                precision: precision, pixels: pixels, transposedWeights: weights.base, transposedInput: input.base,
                inputStride: input.stride, zeros: zeros.base, sums: sums.base, sumsStride: sums.stride)
            table.product(product, 0 ..< paddedToTile(rows) / 8, input.columns / table.lanes)

            func rounded(_ value: Float) -> Double { Double(precision == .fp32 ? value : roundedToBrainFloat(value)) }
            func twin(_ row: Int, _ column: Int) -> (value: Double, magnitude: Double) {
                var value = Double(first[row * input.columns + column])
                var magnitude = abs(value)
                for pixel in 0 ..< pixels {
                    let term = rounded(a[row * pixels + pixel]) * rounded(b[column * pixels + pixel])
                    value += term
                    magnitude += abs(term)
                }
                return (value, magnitude)
            }
            expectTwin(
                rows: rows, columns: columns, within: Double(pixels + 2), found: { sums[$0, $1] }, twin: twin,
                "\(rows) x \(columns), \(vectors) vectors")
            #expect(sums.changes(outsideRows: 0 ..< sums.rows, columns: 0 ..< sums.columns) == 0)
        }
    }
}
