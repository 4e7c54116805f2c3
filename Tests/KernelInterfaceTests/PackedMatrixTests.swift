import KernelInterface
import TestSupport
import Testing

@Suite struct PackedMatrixTests {
    @Test(arguments: [1, 7, 8, 9, 54], [1, 7, 8, 9, 131])
    func elementsLieWhereTheContractSays(rows: Int, columns: Int) {
        let matrix = PackedMatrix(rows: rows, columns: columns) { Float($0 * 1000 + $1 + 1) }
        let edge = PackedMatrix.edge
        #expect(matrix.rowTiles * edge == paddedToTile(rows))
        #expect(matrix.columnTiles * edge == paddedToTile(columns))
        #expect(matrix.storage.count == paddedToTile(rows) * paddedToTile(columns))
        #expect(matrix.bytes == 4 * matrix.storage.count)
        var faults = 0
        for row in 0 ..< paddedToTile(rows) {
            for column in 0 ..< paddedToTile(columns) {
                let (tileRow, tileColumn) = (row / edge, column / edge)
                let place = ((tileRow * matrix.columnTiles + tileColumn) * edge + row % edge) * edge + column % edge
                let expected = row < rows && column < columns ? Float(row * 1000 + column + 1) : 0
                faults += matrix.storage.base[place] == expected ? 0 : 1
            }
        }
        #expect(faults == 0)
    }

    /// Half as many words; each holds two neighbours of a row, rounded.
    @Test(arguments: [1, 7, 8, 9, 54], [1, 7, 8, 9, 131])
    func pairsLieWhereTheContractSays(rows: Int, columns: Int) {
        let numbers = signedNumbers(rows * columns, seed: 11)
        let matrix = PackedMatrix(rows: rows, columns: columns, precision: .bf16) { numbers[$0 * columns + $1] }
        let edge = PackedMatrix.edge
        #expect(matrix.precision == .bf16)
        #expect(matrix.tileWords == edge * edge / 2)
        #expect(matrix.rowTiles * edge == paddedToTile(rows))
        #expect(matrix.columnTiles * edge == paddedToTile(columns))
        #expect(matrix.storage.count == paddedToTile(rows) * paddedToTile(columns) / 2)
        #expect(matrix.bytes == 4 * matrix.storage.count)
        func element(_ row: Int, _ column: Int) -> Float {
            row < rows && column < columns ? numbers[row * columns + column] : 0
        }
        var faults = 0
        for row in 0 ..< paddedToTile(rows) {
            for column in stride(from: 0, to: paddedToTile(columns), by: 2) {
                let tile = (row / edge * matrix.columnTiles + column / edge) * matrix.tileWords
                let word = matrix.storage.base[tile + column % edge / 2 * edge + row % edge]
                let expected = packedPair(even: element(row, column), odd: element(row, column + 1))
                faults += word.bitPattern == expected.bitPattern ? 0 : 1
            }
        }
        #expect(faults == 0)
    }

    /// An element is read as it was packed, and a matrix that is packed again is the one that would have been packed at first.
    @Test(arguments: Precision.allCases) func elementsAreReadAsTheyWerePacked(precision: Precision) {
        let (rows, columns) = (9, 131)
        let numbers = signedNumbers(rows * columns, seed: 12)
        let matrix = PackedMatrix(rows: rows, columns: columns, precision: precision) { numbers[$0 * columns + $1] }
        for (index, number) in numbers.enumerated() {
            let expected = precision == .fp32 ? number : BrainFloat.value(BrainFloat.bits(number))
            #expect(matrix[index / columns, index % columns] == expected)
        }
        let again = PackedMatrix(rows: rows, columns: columns) { numbers[$0 * columns + $1] }.packed(in: precision)
        #expect(again.precision == precision && again.storage.count == matrix.storage.count)
        #expect((0 ..< matrix.storage.count).allSatisfy { again.storage.base[$0].bitPattern == matrix.storage.base[$0].bitPattern })
    }

    @Test func paddingGoesToWholeTiles() {
        #expect([0, 1, 7, 8, 9, 16, 17].map(paddedToTile) == [0, 8, 8, 8, 16, 16, 24])
    }
}
