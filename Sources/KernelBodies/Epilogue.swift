import KernelInterface

/// Applies the epilogue to the columns of a register tile and stores them at vector `index` of the panel and the one after it.
@inline(__always)
func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ left: RegisterColumn, _ right: RegisterColumn) {
    switch p.epilogue {
    case .store:
        storeColumn(p, row, index, left)
        storeColumn(p, row, index + 1, right)
    case .rectify:
        rectifyColumn(p, row, index, left)
        rectifyColumn(p, row, index + 1, right)
    case .mask:
        maskColumn(p, row, index, left)
        maskColumn(p, row, index + 1, right)
    }
}

/// The same for a single column.
@inline(__always)
func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    switch p.epilogue {
    case .store: storeColumn(p, row, index, column)
    case .rectify: rectifyColumn(p, row, index, column)
    case .mask: maskColumn(p, row, index, column)
    }
}

/// As `finish`, for a product in bf16: what is rectified or masked is packed for the next product.
@inline(__always)
func finishPairs(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ left: RegisterColumn, _ right: RegisterColumn) {
    switch p.epilogue {
    case .store:
        storeColumn(p, row, index, left)
        storeColumn(p, row, index + 1, right)
    case .rectify:
        rectifyColumnPairs(p, row, index, left)
        rectifyColumnPairs(p, row, index + 1, right)
    case .mask:
        maskColumnPairs(p, row, index, left)
        maskColumnPairs(p, row, index + 1, right)
    }
}

/// The same for a single column.
@inline(__always)
func finishPairs(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    switch p.epilogue {
    case .store: storeColumn(p, row, index, column)
    case .rectify: rectifyColumnPairs(p, row, index, column)
    case .mask: maskColumnPairs(p, row, index, column)
    }
}

@inline(__always)
private func storeColumn(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    let output = p.output + row * p.outputStride + index * Vector.scalarCount
    let stride = p.outputStride
    column.forEachRow { r, value in store(value, output + r * stride) }
}

@inline(__always)
private func rectifyColumn(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    guard let bits = p.bits else { return }
    let bitsStride = p.bitsStride
    let output = p.output + row * p.outputStride + index * Vector.scalarCount
    let stride = p.outputStride
    column.forEachRow { r, value in
        storeBits(positiveLanes(value), bits + (row + r) * bitsStride, index)
        store(rectified(value), output + r * stride)
    }
}

@inline(__always)
private func maskColumn(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    guard let allBits = p.bits else { return }
    let bitsStride = p.bitsStride
    let bits = UnsafePointer(allBits) + row * bitsStride
    let output = p.output + row * p.outputStride + index * Vector.scalarCount
    let stride = p.outputStride
    column.forEachRow { r, value in store(keep(value, loadBits(bits + r * bitsStride, index)), output + r * stride) }
}

@inline(__always)
private func rectifyColumnPairs(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    guard let bits = p.bits else { return }
    let bitsStride = p.bitsStride
    let output = p.output + row / 2 * p.outputStride + index * Vector.scalarCount
    let stride = p.outputStride
    column.forEachRowPair { pair, even, odd in
        let signs = bits + (row + 2 * pair) * bitsStride
        storeBits(positiveLanes(even), signs, index)
        storeBits(positiveLanes(odd), signs + bitsStride, index)
        storePairs(packPairs(even: rectified(even), odd: rectified(odd)), output + pair * stride)
    }
}

@inline(__always)
private func maskColumnPairs(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    guard let allBits = p.bits else { return }
    let bitsStride = p.bitsStride
    let bits = UnsafePointer(allBits) + row * bitsStride
    let output = p.output + row / 2 * p.outputStride + index * Vector.scalarCount
    let stride = p.outputStride
    column.forEachRowPair { pair, even, odd in
        let packed = packPairs(
            even: keep(even, loadBits(bits + 2 * pair * bitsStride, index)),
            odd: keep(odd, loadBits(bits + (2 * pair + 1) * bitsStride, index)))
        storePairs(packed, output + pair * stride)
    }
}

/// max(0, value); the comparison is false for NaN, which passes through and is seen by the solver.
@inline(__always)
private func rectified(_ value: Vector) -> Vector { value.replacing(with: 0, where: value .< 0) }
