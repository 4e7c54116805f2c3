import Glibc

extension MixingFrame {
    /// P L V = `matrix`, by elimination with the largest pivot of each column: the frame, and the factors as
    /// `TrainingTensor.mixingFactors` keeps them.
    ///
    /// - Parameter matrix: (C, C), row-major.
    /// - Throws: `TrainingError` when the matrix is singular.
    static func decomposed(_ matrix: [Double], order: Int) throws -> (frame: MixingFrame, factors: [Float]) {
        var rows = (0 ..< order).map { Array(matrix[$0 * order ..< ($0 + 1) * order]) }
        var permutation = Array(0 ..< order)
        for column in 0 ..< order {
            var pivotRow = column
            for row in column ..< order where abs(rows[row][column]) > abs(rows[pivotRow][column]) { pivotRow = row }
            rows.swapAt(column, pivotRow)
            permutation.swapAt(column, pivotRow)
            let pivot = rows[column][column]
            guard pivot != 0, pivot.isFinite else {
                throw TrainingError("a 1x1 convolution of \(order) channels is not invertible")
            }
            for row in column + 1 ..< order {
                let factor = rows[row][column] / pivot
                rows[row][column] = factor
                for j in column + 1 ..< order { rows[row][j] -= factor * rows[column][j] }
            }
        }
        let signs: [Float] = (0 ..< order).map { rows[$0][$0] < 0 ? -1 : 1 }
        for i in 0 ..< order { rows[i][i] = log(abs(rows[i][i])) }
        return (try MixingFrame(permutation: permutation, signs: signs), rows.flatMap { $0.map(Float.init) })
    }
}
