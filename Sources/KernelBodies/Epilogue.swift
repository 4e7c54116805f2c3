import KernelInterface

/// What is done to a column of a register tile before it is stored at vector `index` of the panel: one type for each case of
/// `Epilogue` and each form of the result. It is a type, so that a register tile is compiled for it and no sum leaves its register.
protocol TileEpilogue {
    static func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn)
}

enum StoreEpilogue: TileEpilogue {
    @inline(__always)
    static func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
        let output = p.output + row * p.outputStride + index * Vector.scalarCount
        let stride = p.outputStride
        column.forEachRow { r, value in store(value, output + r * stride) }
    }
}

enum AddEpilogue: TileEpilogue {
    @inline(__always)
    static func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
        let output = p.output + row * p.outputStride + index * Vector.scalarCount
        let stride = p.outputStride
        column.forEachRow { r, value in store(load(output + r * stride) + value, output + r * stride) }
    }
}

enum RectifyEpilogue: TileEpilogue {
    @inline(__always)
    static func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
        guard let bits = p.bits else { return }
        let bitsStride = p.bitsStride
        let output = p.output + row * p.outputStride + index * Vector.scalarCount
        let stride = p.outputStride
        column.forEachRow { r, value in
            storeBits(positiveLanes(value), bits + (row + r) * bitsStride, index)
            store(rectified(value), output + r * stride)
        }
    }
}

enum MaskEpilogue: TileEpilogue {
    @inline(__always)
    static func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
        guard let allBits = p.bits else { return }
        let bitsStride = p.bitsStride
        let bits = UnsafePointer(allBits) + row * bitsStride
        let output = p.output + row * p.outputStride + index * Vector.scalarCount
        let stride = p.outputStride
        column.forEachRow { r, value in store(keep(value, loadBits(bits + r * bitsStride, index)), output + r * stride) }
    }
}

/// Works as `RectifyEpilogue`, packed for the next product in bf16.
enum RectifyPairsEpilogue: TileEpilogue {
    @inline(__always)
    static func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
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
}

/// Works as `MaskEpilogue`, packed for the next product in bf16.
enum MaskPairsEpilogue: TileEpilogue {
    @inline(__always)
    static func finish(_ p: borrowing PointwiseProduct, _ row: Int, _ index: Int, _ column: RegisterColumn) {
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
}

/// max(0, value); the comparison is false for NaN, which passes through and is seen by the solver.
@inline(__always)
private func rectified(_ value: Vector) -> Vector { value.replacing(with: 0, where: value .< 0) }
