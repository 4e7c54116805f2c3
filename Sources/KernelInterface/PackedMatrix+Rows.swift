extension PackedMatrix {
    /// Packs rows that lie in memory: element (row, column) is `source[start(row) + column * columnStride]`, rounded as by the other `init`.
    ///
    /// - Parameter arena: what the memory of the matrix is cut from.
    package convenience init(
        rows: Int, columns: Int, precision: Precision = .fp32, from source: UnsafePointer<Float>, columnStride: Int = 1,
        in arena: MemoryArena? = nil, start: (_ row: Int) -> Int
    ) {
        self.init(zeroRows: rows, columns: columns, precision: precision, in: arena)
        for row in 0 ..< rows {
            let elements = source + start(row)
            if columnStride == 1 {
                pack(row) { UnsafeRawPointer(elements + $0).loadUnaligned(as: SIMD8<Float>.self) }
            } else {
                pack(row) { Self.gathered(elements + $0 * columnStride, columnStride) }
            }
            let first = columns / Self.edge * Self.edge
            guard first < columns else { continue }
            var rest = SIMD8<Float>()
            for column in first ..< columns { rest[column - first] = elements[column * columnStride] }
            store(rest, row: row, tileColumn: columnTiles - 1)
        }
    }

    /// Packs the part of a row that fills whole tiles, of the elements that `part` gives from a column on.
    @inline(__always) private func pack(_ row: Int, _ part: (_ column: Int) -> SIMD8<Float>) {
        for tileColumn in 0 ..< columns / Self.edge { store(part(tileColumn * Self.edge), row: row, tileColumn: tileColumn) }
    }

    @inline(__always) private static func gathered(_ elements: UnsafePointer<Float>, _ stride: Int) -> SIMD8<Float> {
        SIMD8(
            elements[0], elements[stride], elements[2 * stride], elements[3 * stride], elements[4 * stride], elements[5 * stride],
            elements[6 * stride], elements[7 * stride])
    }

    /// Writes the part of a row that lies in a tile, rounded to the precision; it is zero beyond the last column.
    @inline(__always) func store(_ values: SIMD8<Float>, row: Int, tileColumn: Int) {
        let edge = Self.edge
        let tile = storage.base + (row / edge * columnTiles + tileColumn) * tileWords
        let r = row % edge
        switch precision {
        case .fp32:
            UnsafeMutableRawPointer(tile + r * edge).storeBytes(of: values, as: SIMD8<Float>.self)
        case .bf16:
            let halves = BrainFloat.upperHalves(values)
            let words = halves.evenHalf &>> 16 | halves.oddHalf
            for p in 0 ..< edge / 2 { tile[p * edge + r] = Float(bitPattern: words[p]) }
        }
    }
}

extension BrainFloat {
    /// The nearest bfloat16 of each number as `bits` gives it, in the upper half of a word; the lower half is zero.
    static func upperHalves(_ values: SIMD8<Float>) -> SIMD8<UInt32> {
        let bits = unsafeBitCast(values, to: SIMD8<UInt32>.self)
        let rounded = bits &+ 0x7fff &+ (bits &>> 16 & 1)
        return rounded.replacing(with: bits | 0x40_0000, where: values .!= values) & 0xffff_0000
    }
}
