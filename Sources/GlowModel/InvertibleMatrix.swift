import Files
import Glibc

/// A square matrix M of single precision, row-major, with its inverse and log|det M| in double precision.
///
/// M counts as invertible when no matrix that rounds to it is singular. With eps the relative error of a rounding, such a
/// matrix is (I + D) M with |D| <= eps |M| |M^-1| elementwise, which cannot be singular while
///
///     condition = max row sum of |M| |M^-1|  <  1 / eps,   eps = 2^-23
///
/// This number (Skeel's, of M^-1) stays when columns of M are scaled, so actnorm scales folded into M never count against it.
/// The factorization is Gauss-Jordan elimination with partial pivoting: the matrices are small, and each is inverted once.
package struct InvertibleMatrix: Sendable {
    package let order: Int
    package let elements: [Float]
    package let inverse: [Double]
    package let logAbsDeterminant: Double

    /// - Throws: `InvertibleMatrixError` when there are not `order * order` elements, one is not finite, or M is singular to
    ///   single precision.
    package init(order: Int, elements: [Float]) throws {
        let (count, overflow) = order.multipliedReportingOverflow(by: order)
        guard order > 0, !overflow, elements.count == count else {
            throw InvertibleMatrixError("has \(elements.count) elements, which is not order \(order) squared")
        }
        guard elements.allSatisfy(\.isFinite) else { throw InvertibleMatrixError("has an element that is not finite") }
        let matrix = elements.map(Double.init)
        let (inverse, logAbsDeterminant) = try Self.eliminate(matrix, order)
        let condition = Self.condition(matrix, inverse, order)
        guard condition < 0x1p23 else {
            throw InvertibleMatrixError("is not invertible in single precision (condition \(Float(condition)))")
        }
        self.order = order
        self.elements = elements
        self.inverse = inverse
        self.logAbsDeterminant = logAbsDeterminant
    }

    /// Row operations that turn M into I turn I into M^-1; |det M| is the product of the pivots.
    ///
    /// Both are one array: a column of M that has become one of I makes room for the column of M^-1 that begins to differ from one of I then,
    /// that of the row of M which is the pivot row now.
    private static func eliminate(_ matrix: [Double], _ order: Int) throws -> (inverse: [Double], logAbsDeterminant: Double) {
        var elements = matrix
        /// The row of M that has come to each row.
        var origins = Array(0 ..< order)
        var logAbsDeterminant = 0.0

        try elements.withUnsafeMutableBufferPointer { elements in
            guard let base = elements.baseAddress else { return }
            for column in 0 ..< order {
                var pivotRow = column
                for row in column + 1 ..< order
                where abs(elements[row * order + column]) > abs(elements[pivotRow * order + column]) {
                    pivotRow = row
                }
                let pivot = elements[pivotRow * order + column]
                guard pivot != 0, pivot.isFinite else {
                    throw InvertibleMatrixError("is not invertible (rank \(column) of \(order))")
                }
                logAbsDeterminant += log(abs(pivot))
                if pivotRow != column {
                    origins.swapAt(pivotRow, column)
                    for j in 0 ..< order { elements.swapAt(pivotRow * order + j, column * order + j) }
                }
                let divided = base + column * order
                divided[column] = 1
                for j in 0 ..< order { divided[j] /= pivot }
                for row in 0 ..< order where row != column {
                    let reduced = base + row * order
                    let factor = reduced[column]
                    reduced[column] = 0
                    if factor == 0 { continue }
                    subtract(factor, times: divided, from: reduced, count: order)
                }
            }
        }
        var inverse = [Double](repeating: 0, count: matrix.count)
        for row in 0 ..< order {
            for (column, origin) in origins.enumerated() { inverse[row * order + origin] = elements[row * order + column] }
        }
        return (inverse, logAbsDeterminant)
    }

    /// a -= factor b, by vectors; each number is rounded as it would be by itself.
    private static func subtract(
        _ factor: Double, times b: UnsafePointer<Double>, from a: UnsafeMutablePointer<Double>, count: Int
    ) {
        let whole = count / 4 * 4
        for start in stride(from: 0, to: whole, by: 4) {
            let minuend = UnsafeRawPointer(a + start).loadUnaligned(as: SIMD4<Double>.self)
            let subtrahend = factor * UnsafeRawPointer(b + start).loadUnaligned(as: SIMD4<Double>.self)
            UnsafeMutableRawPointer(a + start).storeBytes(of: minuend - subtrahend, as: SIMD4<Double>.self)
        }
        for j in whole ..< count { a[j] -= factor * b[j] }
    }

    private static func condition(_ matrix: [Double], _ inverse: [Double], _ order: Int) -> Double {
        let inverseRowSums = (0 ..< order).map { k in
            (0 ..< order).reduce(0.0) { $0 + abs(inverse[k * order + $1]) }
        }
        let rowSums = (0 ..< order).map { i in
            (0 ..< order).reduce(0.0) { $0 + abs(matrix[i * order + $1]) * inverseRowSums[$1] }
        }
        return rowSums.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
    }
}

/// Why a matrix cannot be used where its inverse is needed.
package struct InvertibleMatrixError: ReglowError, Hashable {
    package var category: ReglowErrorCategory { .problem }

    package let description: String

    init(_ description: String) { self.description = description }
}
