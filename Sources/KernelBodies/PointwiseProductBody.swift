import KernelInterface

/// Register tiles over the given row tiles and vectors: see `PointwiseProduct`.
///
/// The weights of one row of register tiles stay in the first-level cache while the pixels pass.
func pointwiseProduct(_ p: borrowing PointwiseProduct, rowTiles: Range<Int>, vectors: Int) {
    let edge = PackedMatrix.edge
    for tile in rowTiles {
        for half in stride(from: 0, to: edge, by: RegisterColumn.rows) {
            let weights = p.weights + tile * p.rowTileStride + half * (p.transposed ? 1 : edge)
            let row = tile * edge + half
            var vector = 0
            while vector + RegisterTile.vectors <= vectors {
                if p.transposed {
                    registerTile(p, row, vector, weights, rowStride: 1, depthStride: edge)
                } else {
                    registerTile(p, row, vector, weights, rowStride: edge, depthStride: 1)
                }
                vector += RegisterTile.vectors
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

/// The widest register tile: MR rows by two vectors.
private enum RegisterTile {
    static var vectors: Int { 2 }
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

/// Applies the epilogue to a column of the register tile and stores it at vector `index` of the panel.
@inline(__always)
private func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    let output = p.output + row * p.outputStride + index * Vector.scalarCount
    let outputStride = p.outputStride
    switch p.epilogue {
    case .store:
        column.forEachRow { r, value in store(value, output + r * outputStride) }
    case .rectify:
        guard let bits = p.bits else { return }
        let bitsStride = p.bitsStride
        column.forEachRow { r, value in
            storeBits(positiveLanes(value), bits + (row + r) * bitsStride, index)
            // The comparison is false for NaN, which passes through and is seen by the solver.
            store(value.replacing(with: 0, where: value .< 0), output + r * outputStride)
        }
    case .mask:
        guard let bits = p.bits else { return }
        let bitsStride = p.bitsStride
        column.forEachRow { r, value in
            store(keep(value, loadBits(UnsafePointer(bits + (row + r) * bitsStride), index)), output + r * outputStride)
        }
    }
}
