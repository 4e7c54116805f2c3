import KernelInterface

/// Applies the epilogue to a column of the register tile and stores it at vector `index` of the panel.
@inline(__always)
func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
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

/// As `finish`, for a product in bf16: what is rectified or masked is packed for the next product.
@inline(__always)
func finishPairs(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
    let output = p.output + row / 2 * p.outputStride + index * Vector.scalarCount
    let outputStride = p.outputStride
    let bitsStride = p.bitsStride
    switch p.epilogue {
    case .store:
        finish(p, row, index, column)
    case .rectify:
        guard let bits = p.bits else { return }
        column.forEachRow { r, value in storeBits(positiveLanes(value), bits + (row + r) * bitsStride, index) }
        column.forEachRowPair { pair, even, odd in
            let packed = packPairs(
                even: even.replacing(with: 0, where: even .< 0), odd: odd.replacing(with: 0, where: odd .< 0))
            storePairs(packed, output + pair * outputStride)
        }
    case .mask:
        guard let bits = p.bits.map({ UnsafePointer($0) + row * bitsStride }) else { return }
        column.forEachRowPair { pair, even, odd in
            let packed = packPairs(
                even: keep(even, loadBits(bits + 2 * pair * bitsStride, index)),
                odd: keep(odd, loadBits(bits + (2 * pair + 1) * bitsStride, index)))
            storePairs(packed, output + pair * outputStride)
        }
    }
}
