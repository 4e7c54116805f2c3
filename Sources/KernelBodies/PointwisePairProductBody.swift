import CPUFeatures
import KernelInterface

/// `pointwiseProduct` in bf16: register tiles over the given row tiles and vectors.
func pointwisePairProduct(_ p: borrowing PointwiseProduct, rowTiles: Range<Int>, vectors: Int) {
    let edge = PackedMatrix.edge
    for tile in rowTiles {
        var weights = p.weights + tile * p.rowTileStride
        var tileStride = p.depthTileStride
        if p.transposed {
            guard let scratch = p.scratch else { return }
            turnTiles(p, weights, into: scratch)
            weights = UnsafePointer(scratch)
            tileStride = PackedMatrix.tileWords(.bf16)
        }
        for half in stride(from: 0, to: edge, by: RegisterColumn.rows) {
            let row = tile * edge + half
            var vector = 0
            while vector + RegisterColumn.perTile <= vectors {
                pairRegisterTile(p, row, vector, weights + half, tileStride)
                vector += RegisterColumn.perTile
            }
            while vector < vectors {
                narrowPairRegisterTile(p, row, vector, weights + half, tileStride)
                vector += 1
            }
        }
    }
}

/// Transposes the tiles of one column of W, for a row of W'. It is done once for all pixels of a panel.
@inline(__always)
private func turnTiles(
    _ p: borrowing PointwiseProduct, _ column: UnsafePointer<Float>, into scratch: UnsafeMutablePointer<Float>
) {
    let words = PackedMatrix.tileWords(.bf16)
    for tile in 0 ..< (p.depth + PackedMatrix.edge - 1) / PackedMatrix.edge {
        reglow_transpose_pairs(column + tile * p.depthTileStride, scratch + tile * words)
    }
}

/// Calls `step(pair weights, input row)` along the depth, pair by pair.
@inline(__always)
private func alongPairs(
    _ p: borrowing PointwiseProduct, _ vector: Int, _ weights: UnsafePointer<Float>, _ tileStride: Int,
    _ step: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) {
    let pairs = (p.depth + 1) / 2
    let pairsPerTile = PackedMatrix.edge / 2
    var tile = weights
    var input = p.input + vector * Vector.scalarCount
    let inputStride = p.inputStride
    for _ in 0 ..< pairs / pairsPerTile {
        for pair in 0 ..< pairsPerTile {
            step(tile + pair * PackedMatrix.edge, input)
            input += inputStride
        }
        tile += tileStride
    }
    for pair in 0 ..< pairs % pairsPerTile {
        step(tile + pair * PackedMatrix.edge, input)
        input += inputStride
    }
}

@inline(__always)
private func pairRegisterTile(
    _ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>, _ tileStride: Int
) {
    var left = RegisterColumn(start: p.start + row)
    var right = left
    alongPairs(p, vector, weights, tileStride) { weights, input in
        left.accumulatePairs(weights, loadPairs(input))
        right.accumulatePairs(weights, loadPairs(input + Vector.scalarCount))
    }
    finishPairs(p, row, vector, left)
    finishPairs(p, row, vector + 1, right)
}

@inline(__always)
private func narrowPairRegisterTile(
    _ p: borrowing PointwiseProduct, _ row: Int, _ vector: Int, _ weights: UnsafePointer<Float>, _ tileStride: Int
) {
    var column = RegisterColumn(start: p.start + row)
    alongPairs(p, vector, weights, tileStride) { weights, input in
        column.accumulatePairs(weights, loadPairs(input))
    }
    finishPairs(p, row, vector, column)
}
