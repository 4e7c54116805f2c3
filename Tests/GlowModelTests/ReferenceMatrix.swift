import Foundation

/// A dense square matrix in double precision, row-major.
struct ReferenceMatrix {
    let order: Int
    var elements: [Double]

    init(order: Int, elements: [Double]) { (self.order, self.elements) = (order, elements) }

    /// `columns[j]` is column j.
    init(columns: [[Double]]) {
        order = columns.count
        elements = columns.indices.flatMap { row in columns.map { $0[row] } }
    }

    subscript(row: Int, column: Int) -> Double {
        get { elements[row * order + column] }
        set { elements[row * order + column] = newValue }
    }

    static func * (a: ReferenceMatrix, x: [Double]) -> [Double] {
        (0 ..< a.order).map { row in x.indices.reduce(0) { $0 + a[row, $1] * x[$1] } }
    }

    /// self' x
    func transposedProduct(_ x: [Double]) -> [Double] {
        (0 ..< order).map { column in x.indices.reduce(0) { $0 + self[$1, column] * x[$1] } }
    }

    /// P self = L U by elimination with row exchange, L with a unit diagonal, both kept in one array: then log|det| is in the
    /// diagonal of U, and each column of the inverse is a solution of L U x = P e.
    func factorized() -> (inverse: ReferenceMatrix, logAbsDeterminant: Double) {
        var upper = self
        var order = Array(0 ..< self.order)
        var logAbsDeterminant = 0.0
        for step in order.indices {
            let best = (step ..< self.order).max { abs(upper[order[$0], step]) < abs(upper[order[$1], step]) } ?? step
            order.swapAt(step, best)
            let pivot = upper[order[step], step]
            logAbsDeterminant += log(abs(pivot))
            for row in order[(step + 1)...] {
                let factor = upper[row, step] / pivot
                upper[row, step] = factor
                for column in step + 1 ..< self.order { upper[row, column] -= factor * upper[order[step], column] }
            }
        }
        let columns = order.indices.map { unit in
            var x = order.map { $0 == unit ? 1.0 : 0.0 }
            for row in order.indices {
                for column in 0 ..< row { x[row] -= upper[order[row], column] * x[column] }
            }
            for row in order.indices.reversed() {
                for column in row + 1 ..< self.order { x[row] -= upper[order[row], column] * x[column] }
                x[row] /= upper[order[row], row]
            }
            return x
        }
        return (ReferenceMatrix(columns: columns), logAbsDeterminant)
    }
}
