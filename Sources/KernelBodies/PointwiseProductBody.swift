import KernelInterface

/// Register tiles over the given row tiles and vectors: see `PointwiseProduct`.
///
/// The weights of one row of register tiles stay in the first-level cache while the pixels pass.
func pointwiseProduct(_ p: borrowing PointwiseProduct, rowTiles: Range<Int>, vectors: Int) {
    if p.precision == .bf16 {
        pointwisePairProduct(p, rowTiles: rowTiles, vectors: vectors)
        return
    }
    let edge = PackedMatrix.edge
    for tile in rowTiles {
        for half in stride(from: 0, to: edge, by: RegisterColumn.rows) {
            let weights = p.weights + tile * p.rowTileStride + half * (p.transposed ? 1 : edge)
            let row = tile * edge + half
            var vector = 0
            while vector + RegisterColumn.perTile <= vectors {
                if p.transposed {
                    registerTile(p, row, vector, weights, rowStride: 1, depthStride: edge)
                } else {
                    registerTile(p, row, vector, weights, rowStride: edge, depthStride: 1)
                }
                vector += RegisterColumn.perTile
            }
            while vector < vectors {
                if p.transposed {
                    narrowRegisterTile(p, row, vector, weights, rowStride: 1, depthStride: edge)
                } else {
                    narrowRegisterTile(p, row, vector, weights, rowStride: edge, depthStride: 1)
                }
                vector += 1
            }
        }
    }
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
    for _ in 0 ..< p.depth / PackedMatrix.edge {
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

@inline(__always)
private func registerTile(
    _ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>,
    rowStride: Int, depthStride: Int
) {
    var left = RegisterColumn(start: p.start + row)
    var right = left
    alongDepth(p, vector, weights, depthStride: depthStride) { weight, input in
        left.accumulate(weight, rowStride, load(input))
        right.accumulate(weight, rowStride, load(input + Vector.scalarCount))
    }
    finish(p, row, vector, left)
    finish(p, row, vector + 1, right)
}

@inline(__always)
private func narrowRegisterTile(
    _ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>,
    rowStride: Int, depthStride: Int
) {
    var column = RegisterColumn(start: p.start + row)
    alongDepth(p, vector, weights, depthStride: depthStride) { weight, input in
        column.accumulate(weight, rowStride, load(input))
    }
    finish(p, row, vector, column)
}
