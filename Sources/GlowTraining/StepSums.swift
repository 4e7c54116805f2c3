import GlowModel
import KernelInterface

/// Says where one chunk of a batch adds up the gradients of one step's folded weights: matrices, row-major with padded rows, and the
/// sums of cotangents over the pixels.
struct StepSums {
    /// dW0 (9 C/2, h), dW1 (h, h), dW2 (9 O, h) and dM (C, C).
    let first, second, third, mixing: Matrix
    /// First numbers of: db0 (h), db1 (h), the sums of the gathered cotangents (9 O), of which row 9 o + 4 is db2, and dm (C).
    let firstBias, secondBias, thirdBias, mixingBias: Int
    /// Numbers of all together.
    let count: Int

    struct Matrix {
        /// First number.
        let start: Int
        let rows: Int
        let columns: Int
        /// Numbers from row to row: the columns padded to whole vectors.
        let stride: Int
        let rowTiles: Int

        var end: Int { start + PackedMatrix.edge * rowTiles * stride }
    }

    init(_ shape: FlowStepShape, lanes: Int) {
        func matrix(rows: Int, columns: Int, after former: Matrix? = nil) -> Matrix {
            Matrix(
                start: former?.end ?? 0, rows: rows, columns: columns, stride: Self.padded(columns, lanes),
                rowTiles: paddedToTile(rows) / PackedMatrix.edge)
        }
        first = matrix(rows: 9 * (shape.channels / 2), columns: shape.hidden)
        second = matrix(rows: shape.hidden, columns: shape.hidden, after: first)
        third = matrix(rows: 9 * shape.outputs, columns: shape.hidden, after: second)
        mixing = matrix(rows: shape.channels, columns: shape.channels, after: third)
        firstBias = mixing.end
        secondBias = firstBias + paddedToTile(shape.hidden)
        thirdBias = secondBias + paddedToTile(shape.hidden)
        mixingBias = thirdBias + paddedToTile(9 * shape.outputs)
        count = mixingBias + paddedToTile(shape.channels)
    }

    static func padded(_ count: Int, _ lanes: Int) -> Int { (count + lanes - 1) / lanes * lanes }
}
