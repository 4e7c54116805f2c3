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
    private static func eliminate(_ matrix: [Double], _ order: Int) throws -> (inverse: [Double], logAbsDeterminant: Double) {
        var left = matrix
        var right = [Double](repeating: 0, count: matrix.count)
        for i in 0 ..< order { right[i * order + i] = 1 }
        var logAbsDeterminant = 0.0

        for column in 0 ..< order {
            var pivotRow = column
            for row in column + 1 ..< order
            where abs(left[row * order + column]) > abs(left[pivotRow * order + column]) {
                pivotRow = row
            }
            let pivot = left[pivotRow * order + column]
            guard pivot != 0, pivot.isFinite else {
                throw InvertibleMatrixError("is not invertible (rank \(column) of \(order))")
            }
            logAbsDeterminant += log(abs(pivot))
            for j in 0 ..< order {
                left.swapAt(pivotRow * order + j, column * order + j)
                right.swapAt(pivotRow * order + j, column * order + j)
            }
            for j in 0 ..< order {
                left[column * order + j] /= pivot
                right[column * order + j] /= pivot
            }
            for row in 0 ..< order where row != column {
                let factor = left[row * order + column]
                if factor == 0 { continue }
                for j in 0 ..< order {
                    left[row * order + j] -= factor * left[column * order + j]
                    right[row * order + j] -= factor * right[column * order + j]
                }
            }
        }
        return (right, logAbsDeterminant)
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
