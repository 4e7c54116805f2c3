import KernelInterface

/// Register tiles over the given row tiles and vectors: see `PointwiseProduct`.
///
/// The weights of one row of register tiles stay in the first-level cache while the pixels pass; those of the next row are
/// fetched meanwhile, because the processor does not foresee the walk of a transposed product.
func pointwiseProduct(_ p: borrowing PointwiseProduct, rowTiles: Range<Int>, vectors: Int) {
    switch (p.precision, p.epilogue) {
    case (.fp32, .store): product(p, StoreEpilogue.self, rowTiles, vectors)
    case (.fp32, .rectify): product(p, RectifyEpilogue.self, rowTiles, vectors)
    case (.fp32, .mask): product(p, MaskEpilogue.self, rowTiles, vectors)
    case (.fp32, .add): product(p, AddEpilogue.self, rowTiles, vectors)
    case (.bf16, .store): pairProduct(p, StoreEpilogue.self, rowTiles, vectors)
    case (.bf16, .rectify): pairProduct(p, RectifyPairsEpilogue.self, rowTiles, vectors)
    case (.bf16, .mask): pairProduct(p, MaskPairsEpilogue.self, rowTiles, vectors)
    case (.bf16, .add): pairProduct(p, AddEpilogue.self, rowTiles, vectors)
    }
}

private func product<E: TileEpilogue>(
    _ p: borrowing PointwiseProduct, _ epilogue: E.Type, _ rowTiles: Range<Int>, _ vectors: Int
) {
    let edge = PackedMatrix.edge
    for tile in rowTiles {
        let weights = p.weights + tile * p.rowTileStride
        for half in stride(from: 0, to: edge, by: RegisterColumn.rows) {
            let row = tile * edge + half
            if p.transposed {
                transposedRegisterTiles(p, epilogue, row, vectors, weights + half)
            } else {
                plainRegisterTiles(p, epilogue, row, vectors, weights + half * edge)
            }
        }
    }
}

// Functions of their own: with more pointers about, those of 16 registers do not suffice.

@inline(never)
private func plainRegisterTiles<E: TileEpilogue>(
    _ p: borrowing PointwiseProduct, _ epilogue: E.Type, _ row: Int, _ vectors: Int, _ weights: UnsafePointer<Float>
) {
    registerTiles(p, epilogue, row, vectors, weights, rowStride: PackedMatrix.edge, depthStride: 1)
}

@inline(never)
private func transposedRegisterTiles<E: TileEpilogue>(
    _ p: borrowing PointwiseProduct, _ epilogue: E.Type, _ row: Int, _ vectors: Int, _ weights: UnsafePointer<Float>
) {
    registerTiles(p, epilogue, row, vectors, weights, rowStride: 1, depthStride: PackedMatrix.edge)
}

/// One row of register tiles, two vectors wide where there are two.
@inline(__always)
private func registerTiles<E: TileEpilogue>(
    _ p: borrowing PointwiseProduct, _ epilogue: E.Type, _ row: Int, _ vectors: Int, _ weights: UnsafePointer<Float>,
    rowStride: Int, depthStride: Int
) {
    var vector = 0
    while vector + RegisterColumn.perTile <= vectors {
        var left = RegisterColumn(start: p.start + row)
        var right = left
        alongDepth(p, vector, weights, depthStride: depthStride) { weight, input in
            left.accumulate(weight, rowStride, load(input))
            right.accumulate(weight, rowStride, load(input + Vector.scalarCount))
        }
        E.finish(p, row, vector, left)
        E.finish(p, row, vector + 1, right)
        vector += RegisterColumn.perTile
    }
    while vector < vectors {
        var column = RegisterColumn(start: p.start + row)
        alongDepth(p, vector, weights, depthStride: depthStride) { weight, input in
            column.accumulate(weight, rowStride, load(input))
        }
        E.finish(p, row, vector, column)
        vector += 1
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
