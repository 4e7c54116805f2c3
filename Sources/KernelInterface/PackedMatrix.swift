/// A matrix of weights in the order in which the product kernels read it, for the product and its transpose.
///
/// The matrix is cut into square tiles of `PackedMatrix.edge` rows and columns, padded with zeros at the edges. Element
/// (r, c) of tile (R, C) lies at `((R * columnTiles + C) * edge + r) * edge + c`. A kernel broadcasts single weights, so it
/// may walk a tile by rows or by columns, and one copy serves both W and W'.
public final class PackedMatrix: Sendable {
    /// Rows and columns of a tile. A kernel's rows of a register tile divide it.
    public static var edge: Int { 8 }

    public let rows: Int
    public let columns: Int
    public let rowTiles: Int
    public let columnTiles: Int
    public let storage: AlignedBuffer<Float>

    /// Packs `element(row, column)`.
    public init(rows: Int, columns: Int, element: (_ row: Int, _ column: Int) -> Float) {
        let edge = Self.edge
        self.rows = rows
        self.columns = columns
        rowTiles = (rows + edge - 1) / edge
        columnTiles = (columns + edge - 1) / edge
        storage = AlignedBuffer(count: rowTiles * columnTiles * edge * edge)
        for row in 0 ..< rows {
            for column in 0 ..< columns {
                let tile = row / edge * columnTiles + column / edge
                storage.base[(tile * edge + row % edge) * edge + column % edge] = element(row, column)
            }
        }
    }

    public var bytes: Int { storage.bytes }
}

/// `count` rounded up to whole tiles: the rows that an output panel of a product needs.
@inlinable
public func paddedToTile(_ count: Int) -> Int {
    (count + PackedMatrix.edge - 1) / PackedMatrix.edge * PackedMatrix.edge
}
