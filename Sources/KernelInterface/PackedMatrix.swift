/// The arithmetic of the products of a coupling network. Sums are float32 in both.
public enum Precision: String, CaseIterable, Codable, Sendable {
    /// Single precision.
    case fp32
    /// Weights and inputs of a product rounded to bfloat16: 8 bits of significand.
    case bf16
}

/// A matrix of weights in the order in which the product kernels read it, for the product and its transpose.
///
/// The matrix is cut into square tiles of `PackedMatrix.edge` rows and columns, padded with zeros at the edges; tile (R, C) is
/// number `R * columnTiles + C`. In fp32 element (r, c) of a tile lies at `r * edge + c`. In bf16 a tile is half as many words of
/// 32 bits: word `p * edge + r` holds the elements (r, 2p) in its lower and (r, 2p + 1) in its upper half. A kernel broadcasts
/// single words, so it may walk a tile in any order, and one copy serves both W and W'.
public final class PackedMatrix: Sendable {
    /// Rows and columns of a tile. A kernel's rows of a register tile divide it.
    public static var edge: Int { 8 }

    /// Rows of the matrix, without padding.
    public let rows: Int
    /// Columns of the matrix, without padding.
    public let columns: Int
    /// What the elements are rounded to.
    public let precision: Precision
    /// Tiles along the rows.
    public let rowTiles: Int
    /// Tiles along the columns.
    public let columnTiles: Int
    /// Words of 32 bits: floats, or pairs of bfloat16.
    public let storage: AlignedBuffer<Float>

    /// Words of a tile.
    public var tileWords: Int { Self.tileWords(precision) }

    /// Words of 32 bits of a tile.
    public static func tileWords(_ precision: Precision) -> Int { precision == .fp32 ? edge * edge : edge * edge / 2 }

    /// Bytes of a packed matrix.
    package static func bytes(rows: Int, columns: Int, precision: Precision) -> Int {
        paddedToTile(rows) * paddedToTile(columns) * (precision == .fp32 ? 4 : 2)
    }

    /// A matrix of zeros.
    ///
    /// - Parameter arena: what its memory is cut from.
    package init(zeroRows rows: Int, columns: Int, precision: Precision, in arena: MemoryArena? = nil) {
        let edge = Self.edge
        self.rows = rows
        self.columns = columns
        self.precision = precision
        rowTiles = (rows + edge - 1) / edge
        columnTiles = (columns + edge - 1) / edge
        storage = AlignedBuffer(count: rowTiles * columnTiles * Self.tileWords(precision), in: arena)
    }

    /// Packs `element(row, column)`, rounded to the precision (to nearest, ties to even).
    public convenience init(rows: Int, columns: Int, precision: Precision = .fp32, element: (_ row: Int, _ column: Int) -> Float) {
        self.init(zeroRows: rows, columns: columns, precision: precision)
        for row in 0 ..< rows {
            for tileColumn in 0 ..< columnTiles {
                var part = SIMD8<Float>()
                for c in 0 ..< min(Self.edge, columns - tileColumn * Self.edge) { part[c] = element(row, tileColumn * Self.edge + c) }
                store(part, row: row, tileColumn: tileColumn)
            }
        }
    }

    /// The element as it was packed, rounded to the precision; the indices are those of the matrix.
    public subscript(row: Int, column: Int) -> Float {
        let edge = Self.edge
        let tile = storage.base + (row / edge * columnTiles + column / edge) * tileWords
        let (r, c) = (row % edge, column % edge)
        switch precision {
        case .fp32: return tile[r * edge + c]
        case .bf16: return BrainFloat.value(UInt16(truncatingIfNeeded: tile[c / 2 * edge + r].bitPattern >> UInt32(16 * (c % 2))))
        }
    }

    /// The same matrix, rounded to another precision.
    public func packed(in precision: Precision) -> PackedMatrix { packed(in: precision, arena: nil) }

    /// The same, in memory that is cut from an arena.
    package func packed(in precision: Precision, arena: MemoryArena?) -> PackedMatrix {
        guard self.precision == .fp32 else { return PackedMatrix(rows: rows, columns: columns, precision: precision) { self[$0, $1] } }
        let result = PackedMatrix(zeroRows: rows, columns: columns, precision: precision, in: arena)
        for row in 0 ..< rows {
            for tileColumn in 0 ..< columnTiles {
                let tile = storage.base + (row / Self.edge * columnTiles + tileColumn) * tileWords
                let part = UnsafeRawPointer(tile + row % Self.edge * Self.edge).load(as: SIMD8<Float>.self)
                result.store(part, row: row, tileColumn: tileColumn)
            }
        }
        return result
    }

    /// The matrix, or its transpose, as a product reads it.
    public func operand(transposed: Bool = false) -> MatrixOperand {
        MatrixOperand(
            weights: UnsafePointer(storage.base), precision: precision, rowTileStride: transposed ? tileWords : columnTiles * tileWords,
            depthTileStride: transposed ? columnTiles * tileWords : tileWords, isTransposed: transposed,
            depth: transposed ? rows : columns, rowTiles: transposed ? columnTiles : rowTiles)
    }

    /// The bytes of the packed elements.
    public var bytes: Int { storage.bytes }
}

/// A packed matrix W or its transpose, as the left factor of a product: where it lies, without a hold on it. It is valid as long as the
/// `PackedMatrix` lives.
public struct MatrixOperand {
    /// The first tile.
    public let weights: UnsafePointer<Float>
    /// What the elements are rounded to.
    public let precision: Precision
    /// Words from one tile to the next along the rows of the product, and along the depth.
    public let rowTileStride, depthTileStride: Int
    /// Whether the product reads the transpose of what is packed.
    public let isTransposed: Bool
    /// Rows of the other factor.
    public let depth: Int
    /// Tiles of rows that the product gives.
    public let rowTiles: Int

    /// The product with the first rows of the other factor alone.
    package func limited(depth: Int) -> MatrixOperand {
        MatrixOperand(
            weights: weights, precision: precision, rowTileStride: rowTileStride, depthTileStride: depthTileStride,
            isTransposed: isTransposed, depth: min(depth, self.depth), rowTiles: rowTiles)
    }

    /// The tiles of the first rows of the product alone.
    package func limited(rows: Int) -> MatrixOperand {
        MatrixOperand(
            weights: weights, precision: precision, rowTileStride: rowTileStride, depthTileStride: depthTileStride,
            isTransposed: isTransposed, depth: depth, rowTiles: min(paddedToTile(rows) / PackedMatrix.edge, rowTiles))
    }
}

/// bfloat16: the upper half of a float32.
public enum BrainFloat {
    /// The nearest bfloat16, ties to even; NaN stays NaN.
    public static func bits(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    }

    /// The float32 of these upper 16 bits.
    public static func value(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}

/// `count` rounded up to whole tiles: the rows that an output panel of a product needs.
public func paddedToTile(_ count: Int) -> Int {
    (count + PackedMatrix.edge - 1) / PackedMatrix.edge * PackedMatrix.edge
}
