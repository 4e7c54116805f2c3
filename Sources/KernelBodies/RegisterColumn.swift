/// One column of a register tile: a vector of pixels for each of `rows` output channels.
///
/// The type is a struct of named vectors, not an array, so that it lives in registers.
struct RegisterColumn4 {
    static var rows: Int { 4 }
    var r0, r1, r2, r3: Vector

    /// Each row starts at its `start` value in every lane.
    @inline(__always)
    init(start: UnsafePointer<Float>) {
        r0 = Vector(repeating: start[0])
        r1 = Vector(repeating: start[1])
        r2 = Vector(repeating: start[2])
        r3 = Vector(repeating: start[3])
    }

    /// row r += weight[r * stride] * x
    @inline(__always)
    mutating func accumulate(_ weight: UnsafePointer<Float>, _ stride: Int, _ x: Vector) {
        r0 = multiplyAdd(Vector(repeating: weight[0]), x, r0)
        r1 = multiplyAdd(Vector(repeating: weight[stride]), x, r1)
        r2 = multiplyAdd(Vector(repeating: weight[2 * stride]), x, r2)
        r3 = multiplyAdd(Vector(repeating: weight[3 * stride]), x, r3)
    }

    /// row r += the dot product of the r-th pair of weights with the pairs of x
    @inline(__always)
    mutating func accumulatePairs(_ weights: UnsafePointer<Float>, _ x: Pairs) {
        r0 = dotPairs(r0, weights[0].bitPattern, x)
        r1 = dotPairs(r1, weights[1].bitPattern, x)
        r2 = dotPairs(r2, weights[2].bitPattern, x)
        r3 = dotPairs(r3, weights[3].bitPattern, x)
    }

    @inline(__always)
    func forEachRow(_ body: (Int, Vector) -> Void) {
        body(0, r0)
        body(1, r1)
        body(2, r2)
        body(3, r3)
    }

    /// Calls `body(pair, rows 2 pair, row 2 pair + 1)`.
    @inline(__always)
    func forEachRowPair(_ body: (Int, Vector, Vector) -> Void) {
        body(0, r0, r1)
        body(1, r2, r3)
    }
}

/// Works as `RegisterColumn4`, with eight rows.
struct RegisterColumn8 {
    static var rows: Int { 8 }
    var upper, lower: RegisterColumn4

    @inline(__always)
    init(start: UnsafePointer<Float>) {
        upper = RegisterColumn4(start: start)
        lower = RegisterColumn4(start: start + 4)
    }

    @inline(__always)
    mutating func accumulate(_ weight: UnsafePointer<Float>, _ stride: Int, _ x: Vector) {
        upper.accumulate(weight, stride, x)
        lower.accumulate(weight + 4 * stride, stride, x)
    }

    @inline(__always)
    mutating func accumulatePairs(_ weights: UnsafePointer<Float>, _ x: Pairs) {
        upper.accumulatePairs(weights, x)
        lower.accumulatePairs(weights + 4, x)
    }

    @inline(__always)
    func forEachRow(_ body: (Int, Vector) -> Void) {
        upper.forEachRow(body)
        lower.forEachRow { row, value in body(row + 4, value) }
    }

    @inline(__always)
    func forEachRowPair(_ body: (Int, Vector, Vector) -> Void) {
        upper.forEachRowPair(body)
        lower.forEachRowPair { pair, even, odd in body(pair + 2, even, odd) }
    }
}

extension RegisterColumn {
    /// Columns of the widest register tile: two vectors side by side.
    static var perTile: Int { 2 }
}
