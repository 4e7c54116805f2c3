import KernelInterface

/// Register tiles over the given row tiles and vectors: see `PointwiseProduct`.
///
/// The weights of one row of register tiles stay in the first-level cache while the pixels pass; those of the next row are
/// fetched meanwhile, because the processor does not foresee the walk of a transposed product.
func pointwiseProduct(_ p: borrowing PointwiseProduct, rowTiles: Range<Int>, vectors: Int) {
    if p.precision == .bf16 {
        pointwisePairProduct(p, rowTiles: rowTiles, vectors: vectors)
        return
    }
    let edge = PackedMatrix.edge
    for tile in rowTiles {
        let weights = p.weights + tile * p.rowTileStride
        for half in stride(from: 0, to: edge, by: RegisterColumn.rows) {
            let row = tile * edge + half
            var vector = 0
            while vector + RegisterColumn.perTile <= vectors {
                if p.transposed {
                    transposedRegisterTile(p, row, vector, weights + half)
                } else {
                    registerTile(p, row, vector, weights + half * edge)
                }
                vector += RegisterColumn.perTile
            }
            while vector < vectors {
                if p.transposed {
                    narrowTransposedRegisterTile(p, row, vector, weights + half)
                } else {
                    narrowRegisterTile(p, row, vector, weights + half * edge)
                }
                vector += 1
            }
        }
    }
}

// A register tile is a function of its own: in a larger one the compiler stops inlining, and the sums go through memory.

@inline(never)
private func registerTile(_ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>) {
    computeWide(p, row, vector, weights, rowStride: PackedMatrix.edge, depthStride: 1)
}

@inline(never)
private func transposedRegisterTile(_ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>) {
    computeWide(p, row, vector, weights, rowStride: 1, depthStride: PackedMatrix.edge)
}

@inline(never)
private func narrowRegisterTile(_ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>) {
    computeNarrow(p, row, vector, weights, rowStride: PackedMatrix.edge, depthStride: 1)
}

@inline(never)
private func narrowTransposedRegisterTile(
    _ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>
) {
    computeNarrow(p, row, vector, weights, rowStride: 1, depthStride: PackedMatrix.edge)
}

@inline(__always)
private func computeWide(
    _ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>,
    rowStride: Int, depthStride: Int
) {
    var left = RegisterColumn(start: p.start + row)
    var right = left
    alongDepth(p, vector, weights, depthStride: depthStride) { weight, input in
        left.accumulate(weight, rowStride, load(input))
        right.accumulate(weight, rowStride, load(input + Vector.scalarCount))
    }
    finish(p, row, vector, left, right)
}

@inline(__always)
private func computeNarrow(
    _ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>,
    rowStride: Int, depthStride: Int
) {
    var column = RegisterColumn(start: p.start + row)
    alongDepth(p, vector, weights, depthStride: depthStride) { weight, input in
        column.accumulate(weight, rowStride, load(input))
    }
    finish(p, row, vector, column)
}

/// Calls `step(weights, input row)` along the depth, tile by tile.
@inline(__always)
private func alongDepth(
    _ p: borrowing PointwiseProduct, _ vector: Int, _ weights: UnsafePointer<Float>, depthStride: Int,
    _ step: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) {
    var tile = weights
    var input = p.input + vector * Vector.scalarCount
    let inputStride = p.inputStride
    let tileStride = p.depthTileStride
    let nextRow = p.rowTileStride
    for _ in 0 ..< p.depth / PackedMatrix.edge {
        if vector == 0 { prefetch(tile + nextRow, words: PackedMatrix.tileWords(.fp32)) }
        for k in 0 ..< PackedMatrix.edge {
            step(tile + k * depthStride, input)
            input += inputStride
        }
        tile += tileStride
    }
    for k in 0 ..< p.depth % PackedMatrix.edge {
        step(tile + k * depthStride, input)
        input += inputStride
    }
}
