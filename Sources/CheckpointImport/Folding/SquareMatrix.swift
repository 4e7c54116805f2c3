import Glibc

/// A square matrix in Double, row-major, while it is folded.
struct SquareMatrix {
    let order: Int
    var elements: [Double]

    init(order: Int, elements: [Double]) { (self.order, self.elements) = (order, elements) }

    /// Row o has its 1 in column `permutation[o]`: y_o = x[permutation[o]].
    init(permutation: [Int]) {
        order = permutation.count
        elements = [Double](repeating: 0, count: permutation.count * permutation.count)
        for (row, column) in permutation.enumerated() { elements[row * order + column] = 1 }
    }

    /// y_o = x[order - 1 - o]
    static func reversal(_ order: Int) -> SquareMatrix { SquareMatrix(permutation: (0 ..< order).reversed()) }

    /// P (strictly lower part of L + I) (strictly upper part of U + diag(sign e^logs)). What else L and U hold is not used.
    init(permutation p: [Double], lower: [Double], upper: [Double], sign: [Double], logs: [Double]) {
        let n = sign.count
        var left = lower
        var right = upper
        for i in 0 ..< n {
            for j in 0 ..< n {
                if j >= i { left[i * n + j] = i == j ? 1 : 0 }
                if j <= i { right[i * n + j] = i == j ? sign[i] * exp(logs[i]) : 0 }
            }
        }
        let unordered = SquareMatrix(order: n, elements: left).times(SquareMatrix(order: n, elements: right))
        self = SquareMatrix(order: n, elements: p).times(unordered)
    }

    func times(_ other: SquareMatrix) -> SquareMatrix {
        var product = [Double](repeating: 0, count: elements.count)
        for i in 0 ..< order {
            for k in 0 ..< order {
                let factor = elements[i * order + k]
                if factor == 0 { continue }
                for j in 0 ..< order { product[i * order + j] += factor * other.elements[k * order + j] }
            }
        }
        return SquareMatrix(order: order, elements: product)
    }

    func times(_ vector: [Double]) -> [Double] {
        (0 ..< order).map { row in (0 ..< order).reduce(0.0) { $0 + elements[row * order + $1] * vector[$1] } }
    }

    var transposed: SquareMatrix {
        SquareMatrix(order: order, elements: (0 ..< order * order).map { elements[$0 % order * order + $0 / order] })
    }

    /// M diag(scale)
    func scalingColumns(_ scale: [Double]) -> SquareMatrix {
        SquareMatrix(order: order, elements: elements.indices.map { elements[$0] * scale[$0 % order] })
    }

    /// Its rows in another order, as `Convolution.reorder` has it.
    func reorderingRows(_ rows: [Int]) -> SquareMatrix {
        SquareMatrix(order: order, elements: rows.flatMap { elements[$0 * order ..< ($0 + 1) * order] })
    }

    func reorderingColumns(_ columns: [Int]) -> SquareMatrix {
        SquareMatrix(order: order, elements: elements.indices.map { elements[$0 / order * order + columns[$0 % order]] })
    }
}
