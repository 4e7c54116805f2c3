import KernelInterface
import TestSupport
import Testing

/// `PackedMatrix.repack` against `PackedMatrix.init`.
@Suite struct PackedMatrixRepackingTests {
    @Test(arguments: Precision.allCases, [false, true])
    func givesWhatPackingGives(precision: Precision, transposed: Bool) {
        for (rows, columns) in [(8, 8), (1, 1), (54, 128), (13, 20), (16, 7)] {
            let numbers = signedNumbers(rows * columns, seed: 5)
            let (rowStride, columnStride) = transposed ? (1, rows) : (columns, 1)
            let packed = PackedMatrix(rows: rows, columns: columns, precision: precision) {
                numbers[$0 * rowStride + $1 * columnStride]
            }
            let repacked = PackedMatrix(rows: rows, columns: columns, precision: precision) { Float(100 * $0 + $1) }
            numbers.withUnsafeBufferPointer { numbers in
                guard let source = numbers.baseAddress else { return }
                repacked.repack(
                    rowTiles: 0 ..< repacked.rowTiles, from: source, rowStride: rowStride, columnStride: columnStride)
            }
            let words = 0 ..< packed.storage.count
            #expect(words.allSatisfy { packed.storage.base[$0].bitPattern == repacked.storage.base[$0].bitPattern })
        }
    }
}
