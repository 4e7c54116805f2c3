extension PackedMatrix {
    /// Packs new elements where the old ones are: element (row, column) is `source[row * rowStride + column * columnStride]`,
    /// rounded as `init` rounds, finite. One of the strides is 1.
    ///
    /// For weights that change at every step of a training. Nobody reads the matrix meanwhile.
    package func repack(rowTiles range: Range<Int>, from source: UnsafePointer<Float>, rowStride: Int, columnStride: Int) {
        let edge = Self.edge
        for tileRow in range {
            for tileColumn in 0 ..< columnTiles {
                let tile = storage.base + (tileRow * columnTiles + tileColumn) * tileWords
                let corner = source + tileRow * edge * rowStride + tileColumn * edge * columnStride
                let (height, width) = (min(edge, rows - tileRow * edge), min(edge, columns - tileColumn * edge))
                if height == edge, width == edge {
                    repackWhole(tile, corner, rowStride, columnStride)
                } else {
                    repackPart(tile, corner, rowStride, columnStride, height, width)
                }
            }
        }
    }

    /// A whole tile by vectors along the direction in which its elements are neighbours.
    private func repackWhole(
        _ tile: UnsafeMutablePointer<Float>, _ corner: UnsafePointer<Float>, _ rowStride: Int, _ columnStride: Int
    ) {
        func run(_ index: Int) -> SIMD8<Float> {
            UnsafeRawPointer(corner + index * (columnStride == 1 ? rowStride : columnStride)).loadUnaligned(as: SIMD8<Float>.self)
        }
        let edge = Self.edge
        switch (precision, columnStride == 1) {
        case (.fp32, true):
            for r in 0 ..< edge { UnsafeMutableRawPointer(tile + r * edge).storeBytes(of: run(r), as: SIMD8<Float>.self) }
        case (.fp32, false):
            for c in 0 ..< edge {
                let column = run(c)
                for r in 0 ..< edge { tile[r * edge + c] = column[r] }
            }
        case (.bf16, true):
            for r in 0 ..< edge {
                let row = Self.rounded(run(r))
                let words = row.evenHalf &>> 16 | row.oddHalf & 0xffff_0000
                for p in 0 ..< edge / 2 { tile[p * edge + r] = Float(bitPattern: words[p]) }
            }
        case (.bf16, false):
            for p in 0 ..< edge / 2 {
                let words = Self.rounded(run(2 * p)) &>> 16 | Self.rounded(run(2 * p + 1)) & 0xffff_0000
                UnsafeMutableRawPointer(tile + p * edge).storeBytes(of: words, as: SIMD8<UInt32>.self)
            }
        }
    }

    /// The bits of finite numbers, the upper half of each rounded to bfloat16.
    private static func rounded(_ values: SIMD8<Float>) -> SIMD8<UInt32> {
        let bits = unsafeBitCast(values, to: SIMD8<UInt32>.self)
        return bits &+ 0x7fff &+ (bits &>> 16 & 1)
    }

    private func repackPart(
        _ tile: UnsafeMutablePointer<Float>, _ corner: UnsafePointer<Float>, _ rowStride: Int, _ columnStride: Int,
        _ height: Int, _ width: Int
    ) {
        func element(_ r: Int, _ c: Int) -> Float { c < width ? corner[r * rowStride + c * columnStride] : 0 }
        for r in 0 ..< height {
            switch precision {
            case .fp32:
                for c in 0 ..< width { tile[r * Self.edge + c] = element(r, c) }
            case .bf16:
                for p in 0 ..< (width + 1) / 2 {
                    let (even, odd) = (BrainFloat.bits(element(r, 2 * p)), BrainFloat.bits(element(r, 2 * p + 1)))
                    tile[p * Self.edge + r] = Float(bitPattern: UInt32(odd) << 16 | UInt32(even))
                }
            }
        }
    }
}
