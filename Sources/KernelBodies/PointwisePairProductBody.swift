import CPUFeatures
import KernelInterface

/// A product in bf16: register tiles over the given row tiles and vectors.
///
/// While the first vectors of a row of tiles are computed, the weights of the next row are made ready: fetched, or transposed
/// for the transposed product.
func pairProduct<E: TileEpilogue>(
    _ p: borrowing PointwiseProduct, _ epilogue: E.Type, _ rowTiles: Range<Int>, _ vectors: Int
) {
    guard !p.transposed else {
        transposedPairProduct(p, epilogue, rowTiles, vectors)
        return
    }
    for tile in rowTiles {
        let weights = p.weights + tile * p.rowTileStride
        let next = NextTiles(source: weights + p.rowTileStride, stride: p.depthTileStride, transposed: nil, following: 0)
        pairRegisterTiles(p, epilogue, tile, vectors, weights, p.depthTileStride, next)
    }
}

/// The same product with W'. The tiles of a column of W are transposed into `scratch`, once for all pixels, in two places by turns.
private func transposedPairProduct<E: TileEpilogue>(
    _ p: borrowing PointwiseProduct, _ epilogue: E.Type, _ rowTiles: Range<Int>, _ vectors: Int
) {
    guard let scratch = p.scratch, !rowTiles.isEmpty else { return }
    let words = PackedMatrix.tileWords(.bf16)
    let depthTiles = (p.depth + PackedMatrix.edge - 1) / PackedMatrix.edge
    var ready = scratch
    var coming = scratch + depthTiles * words
    // After the last column it is transposed once more, so that nothing outside of the matrix is read.
    let column = { [first = p.weights, stride = p.rowTileStride] tile in first + min(tile, rowTiles.upperBound - 1) * stride }
    let first = NextTiles(
        source: column(rowTiles.lowerBound), stride: p.depthTileStride, transposed: ready, following: p.rowTileStride)
    for depthTile in 0 ..< depthTiles { first.prepare(depthTile) }
    for tile in rowTiles {
        let next = NextTiles(
            source: column(tile + 1), stride: p.depthTileStride, transposed: coming, following: p.rowTileStride)
        pairRegisterTiles(p, epilogue, tile, vectors, UnsafePointer(ready), words, next)
        swap(&ready, &coming)
    }
}

/// The weights of the next row of tiles, along the depth.
private struct NextTiles {
    let source: UnsafePointer<Float>
    let stride: Int
    /// Where they are transposed, for a transposed product.
    let transposed: UnsafeMutablePointer<Float>?
    /// Words from them to the row after them.
    let following: Int

    /// Fetches a tile; or transposes it and fetches that of the row after it.
    @inline(__always)
    func prepare(_ depthTile: Int) {
        let words = PackedMatrix.tileWords(.bf16)
        let tile = source + depthTile * stride
        prefetch(tile + following, words: words)
        if let transposed { reglow_transpose_pairs(tile, transposed + depthTile * words) }
    }
}

/// One row of tiles, two vectors wide where there are two.
@inline(__always)
private func pairRegisterTiles<E: TileEpilogue>(
    _ p: borrowing PointwiseProduct, _ epilogue: E.Type, _ tile: Int, _ vectors: Int, _ weights: UnsafePointer<Float>,
    _ tileStride: Int, _ next: NextTiles
) {
    for half in stride(from: 0, to: PackedMatrix.edge, by: RegisterColumn.rows) {
        let row = tile * PackedMatrix.edge + half
        var next = half == 0 ? next : nil
        var vector = 0
        while vector + RegisterColumn.perTile <= vectors {
            var left = RegisterColumn(start: p.start + row)
            var right = left
            alongPairs(p, vector, weights + half, tileStride, next) { weights, input in
                left.accumulatePairs(weights, loadPairs(input))
                right.accumulatePairs(weights, loadPairs(input + Vector.scalarCount))
            }
            E.finish(p, row, vector, left)
            E.finish(p, row, vector + 1, right)
            next = nil
            vector += RegisterColumn.perTile
        }
        while vector < vectors {
            var column = RegisterColumn(start: p.start + row)
            alongPairs(p, vector, weights + half, tileStride, next) { weights, input in
                column.accumulatePairs(weights, loadPairs(input))
            }
            E.finish(p, row, vector, column)
            next = nil
            vector += 1
        }
    }
}

/// Calls `step(pair weights, input row)` along the depth, pair by pair.
@inline(__always)
private func alongPairs(
    _ p: borrowing PointwiseProduct, _ vector: Int, _ weights: UnsafePointer<Float>, _ tileStride: Int, _ next: NextTiles?,
    _ step: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) {
    let pairs = (p.depth + 1) / 2
    let pairsPerTile = PackedMatrix.edge / 2
    var tile = weights
    var input = p.input + vector * Vector.scalarCount
    let inputStride = p.inputStride
    for depthTile in 0 ..< pairs / pairsPerTile {
        next?.prepare(depthTile)
        for pair in 0 ..< pairsPerTile {
            step(tile + pair * PackedMatrix.edge, input)
            input += inputStride
        }
        tile += tileStride
    }
    guard pairs % pairsPerTile > 0 else { return }
    next?.prepare(pairs / pairsPerTile)
    for pair in 0 ..< pairs % pairsPerTile {
        step(tile + pair * PackedMatrix.edge, input)
        input += inputStride
    }
}
