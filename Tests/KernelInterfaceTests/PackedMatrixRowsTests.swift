import KernelInterface
import TestSupport
import Testing

/// Packing of rows in memory against packing by elements.
@Suite struct PackedMatrixRowsTests {
    @Test(arguments: Precision.allCases, [1, 9]) func givesWhatElementsGive(precision: Precision, columnStride: Int) {
        for (rows, columns) in [(8, 8), (1, 1), (54, 128), (13, 20), (16, 7)] {
            var numbers = signedNumbers(rows * columns * columnStride, seed: 5)
            numbers[0] = .nan
            numbers[numbers.count / 2] = 0x1p-140
            numbers[numbers.count - 1] = -.infinity
            // Rows from the last to the first.
            func start(_ row: Int) -> Int { (rows - 1 - row) * columns * columnStride }
            let expected = PackedMatrix(rows: rows, columns: columns, precision: precision) { numbers[start($0) + $1 * columnStride] }
            for row in 0 ..< rows {
                for column in 0 ..< columns {
                    let number = numbers[start(row) + column * columnStride]
                    let rounded = precision == .fp32 ? number : BrainFloat.value(BrainFloat.bits(number))
                    #expect(expected[row, column].bitPattern == rounded.bitPattern)
                }
            }
            let arena = MemoryArena(bytes: PackedMatrix.bytes(rows: rows, columns: columns, precision: precision))
            let packed = numbers.withUnsafeBufferPointer { numbers in
                numbers.baseAddress.map {
                    PackedMatrix(
                        rows: rows, columns: columns, precision: precision, from: $0, columnStride: columnStride, in: arena, start: start)
                }
            }
            #expect(packed?.bytes == PackedMatrix.bytes(rows: rows, columns: columns, precision: precision))
            #expect(
                (0 ..< expected.storage.count).allSatisfy {
                    packed?.storage.base[$0].bitPattern == expected.storage.base[$0].bitPattern
                })
        }
    }
}
