import ForwardOperators
import Foundation
import KernelInterface

/// A dense matrix in Double with plain loops: what the closed forms of the tests are made of.
struct Matrix: Sendable {
    let rows: Int
    let columns: Int
    var values: [Double]

    init(rows: Int, columns: Int, _ value: (Int, Int) -> Double) {
        self.rows = rows
        self.columns = columns
        values = (0 ..< rows * columns).map { value($0 / columns, $0 % columns) }
    }

    subscript(row: Int, column: Int) -> Double { values[row * columns + column] }

    var transposed: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }

    static func * (a: Matrix, x: [Double]) -> [Double] {
        (0 ..< a.rows).map { row in (0 ..< a.columns).reduce(0) { $0 + a[row, $1] * x[$1] } }
    }

    static func * (a: Matrix, b: Matrix) -> Matrix {
        Matrix(rows: a.rows, columns: b.columns) { row, column in
            (0 ..< a.columns).reduce(0) { $0 + a[row, $1] * b[$1, column] }
        }
    }

    static func + (a: Matrix, b: Matrix) -> Matrix {
        Matrix(rows: a.rows, columns: a.columns) { a[$0, $1] + b[$0, $1] }
    }

    static func * (factor: Double, a: Matrix) -> Matrix {
        Matrix(rows: a.rows, columns: a.columns) { factor * a[$0, $1] }
    }

    /// The solution of self * x = b by elimination with row exchange, and log|det self|. Square, not singular.
    func solve(_ b: [Double]) -> (solution: [Double], logDeterminant: Double) {
        var a = (0 ..< rows).map { row in (0 ..< columns).map { self[row, $0] } + [b[row]] }
        var logDeterminant = 0.0
        for pivot in 0 ..< rows {
            let best = (pivot ..< rows).max { abs(a[$0][pivot]) < abs(a[$1][pivot]) } ?? pivot
            a.swapAt(pivot, best)
            let pivotRow = a[pivot]
            logDeterminant += log(abs(pivotRow[pivot]))
            for row in 0 ..< rows where row != pivot {
                let factor = a[row][pivot] / pivotRow[pivot]
                for column in pivot ... columns { a[row][column] -= factor * pivotRow[column] }
            }
        }
        return ((0 ..< rows).map { a[$0][columns] / a[$0][$0] }, logDeterminant)
    }

    var inverse: Matrix {
        let columns = (0 ..< rows).map { column in solve((0 ..< rows).map { $0 == column ? 1 : 0 }).solution }
        return Matrix(rows: rows, columns: rows) { columns[$1][$0] }
    }

    /// The identity plus `spread` times normal numbers over the root of the size.
    static func nearIdentity(_ size: Int, spread: Double, seed: UInt64) -> Matrix {
        let normal = Self.normal(rows: size, columns: size, seed: seed)
        return Matrix(rows: size, columns: size) {
            ($0 == $1 ? 1 : 0) + spread * normal[$0, $1] / Double(size).squareRoot()
        }
    }

    static func normal(rows: Int, columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed, stream: .matrix)
        return Matrix(rows: rows, columns: columns) { _, _ in generator.nextNormal() }
    }
}

/// y = A x for a `Matrix`, from images of `imageShape`.
struct MatrixOperator: RawForwardOperator {
    let matrix: Matrix
    let imageShape: ImageShape
    var measurementShape: ImageShape { ImageShape(channels: 1, height: 1, width: matrix.rows) }
    var isNonnegative: Bool { matrix.values.allSatisfy { $0 >= 0 } }

    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        let y = matrix * (0 ..< matrix.columns).map { Double(image[$0]) }
        for (index, value) in y.enumerated() { measurement[index] = Float(value) }
    }

    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        let x = matrix.transposed * (0 ..< matrix.rows).map { Double(measurement[$0]) }
        for (index, value) in x.enumerated() { image[index] = Float(value) }
    }
}

func normalNumbers(_ count: Int, seed: UInt64) -> [Float] {
    Matrix.normal(rows: count, columns: 1, seed: seed).values.map { Float($0) }
}

/// |a - b| / |b|, Euclidean.
func relativeError(_ a: [Float], _ b: [Double]) -> Double {
    let difference = zip(a, b).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
}
