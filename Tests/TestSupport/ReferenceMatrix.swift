import Foundation
import KernelInterface

/// A dense matrix in Double with plain loops, row-major: what the closed forms of the tests are made of.
package struct ReferenceMatrix: Sendable {
    package let rows: Int
    package let columns: Int
    package private(set) var values: [Double]

    package init(rows: Int, columns: Int, _ value: (Int, Int) -> Double) {
        self.rows = rows
        self.columns = columns
        values = (0 ..< rows * columns).map { value($0 / columns, $0 % columns) }
    }

    package init(order: Int, elements: [Double]) { self.init(rows: order, columns: order) { elements[$0 * order + $1] } }

    /// `columns[j]` is column j of a square matrix.
    package init(columns: [[Double]]) { self.init(rows: columns.count, columns: columns.count) { columns[$1][$0] } }

    package subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    package var transposed: ReferenceMatrix { ReferenceMatrix(rows: columns, columns: rows) { self[$1, $0] } }

    package static func * (a: ReferenceMatrix, x: [Double]) -> [Double] {
        (0 ..< a.rows).map { row in (0 ..< a.columns).reduce(0) { $0 + a.values[row * a.columns + $1] * x[$1] } }
    }

    package static func * (a: ReferenceMatrix, b: ReferenceMatrix) -> ReferenceMatrix {
        ReferenceMatrix(rows: a.rows, columns: b.columns) { row, column in
            (0 ..< a.columns).reduce(0) { $0 + a[row, $1] * b[$1, column] }
        }
    }

    package static func + (a: ReferenceMatrix, b: ReferenceMatrix) -> ReferenceMatrix {
        ReferenceMatrix(rows: a.rows, columns: a.columns) { a[$0, $1] + b[$0, $1] }
    }

    package static func * (factor: Double, a: ReferenceMatrix) -> ReferenceMatrix {
        ReferenceMatrix(rows: a.rows, columns: a.columns) { factor * a[$0, $1] }
    }

    /// Normal numbers, always the same for a seed.
    package static func normal(rows: Int, columns: Int, seed: UInt64) -> ReferenceMatrix {
        var generator = SeededGenerator(seed: seed, stream: .matrix)
        return ReferenceMatrix(rows: rows, columns: columns) { _, _ in generator.nextNormal() }
    }

    /// The identity plus `spread` times normal numbers over the root of the size.
    package static func nearIdentity(_ size: Int, spread: Double, seed: UInt64) -> ReferenceMatrix {
        let normal = Self.normal(rows: size, columns: size, seed: seed)
        return ReferenceMatrix(rows: size, columns: size) {
            ($0 == $1 ? 1 : 0) + spread * normal[$0, $1] / Double(size).squareRoot()
        }
    }
}

extension ReferenceMatrix {
    /// P A = L U by elimination with row exchange, L with a unit diagonal, both kept in one matrix.
    package struct Factorization {
        fileprivate let triangles: ReferenceMatrix
        /// Row i of P A is this row of A.
        fileprivate let order: [Int]
        package let logAbsDeterminant: Double

        /// The solution of A x = b, from L U x = P b.
        package func solve(_ b: [Double]) -> [Double] {
            var x = order.map { b[$0] }
            for row in order.indices {
                for column in 0 ..< row { x[row] -= triangles[order[row], column] * x[column] }
            }
            for row in order.indices.reversed() {
                for column in row + 1 ..< order.count { x[row] -= triangles[order[row], column] * x[column] }
                x[row] /= triangles[order[row], row]
            }
            return x
        }
    }

    /// Of a square matrix that is not singular.
    package var factorized: Factorization {
        var triangles = self
        var order = Array(0 ..< rows)
        var logAbsDeterminant = 0.0
        for step in order.indices {
            let best = (step ..< rows).max { abs(triangles[order[$0], step]) < abs(triangles[order[$1], step]) } ?? step
            order.swapAt(step, best)
            let pivot = triangles[order[step], step]
            logAbsDeterminant += log(abs(pivot))
            for row in order[(step + 1)...] {
                let factor = triangles[row, step] / pivot
                triangles[row, step] = factor
                for column in step + 1 ..< rows { triangles[row, column] -= factor * triangles[order[step], column] }
            }
        }
        return Factorization(triangles: triangles, order: order, logAbsDeterminant: logAbsDeterminant)
    }

    package var inverse: ReferenceMatrix {
        let factorized = factorized
        return ReferenceMatrix(
            columns: (0 ..< rows).map { column in factorized.solve((0 ..< rows).map { $0 == column ? 1 : 0 }) })
    }
}
