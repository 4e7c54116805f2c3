import KernelInterface
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

    @Test func paddingGoesToWholeTiles() {
        #expect([0, 1, 7, 8, 9, 16, 17].map(paddedToTile) == [0, 8, 8, 8, 16, 16, 24])
    }

    @Test func buffersAreAlignedAndZeroed() {
        for count in [0, 1, 15, 16, 1000] {
            let buffer = AlignedBuffer<Float>(count: count)
            #expect(UInt(bitPattern: buffer.base) % 64 == 0)
            #expect((0 ..< count).allSatisfy { buffer.base[$0] == 0 })
            #expect(buffer.bytes == 4 * count)
        }
        #expect(AlignedBuffer<Double>(count: -5).count == 0)
    }
}
