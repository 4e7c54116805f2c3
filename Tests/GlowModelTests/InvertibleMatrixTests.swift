import Foundation
import GlowModel
import TestSupport
import Testing

@Suite struct InvertibleMatrixTests {
    @Test func closedForm() throws {
        let matrix = try InvertibleMatrix(order: 2, elements: [0, 2, -4, 1])
        #expect(matrix.inverse == [0.125, -0.25, 0.5, 0])
        #expect(abs(matrix.logAbsDeterminant - log(8.0)) < 1e-15)
        #expect(try InvertibleMatrix(order: 1, elements: [-1]).inverse == [-1])
    }

    /// |M M^-1 - I| is bounded by a small multiple of C * condition * 2^-53; these matrices are dominated by their diagonal.
    @Test(arguments: [12, 48, 192]) func productWithInverseIsIdentity(order: Int) throws {
        var generator = TestGenerator(seed: UInt64(order))
        let elements = (0 ..< order * order).map { i in
            Float.random(in: -1 ... 1, using: &generator) + (i % (order + 1) == 0 ? Float(order).squareRoot() * 2 : 0)
        }
        let matrix = try InvertibleMatrix(order: order, elements: elements)
        for i in 0 ..< order {
            for j in 0 ..< order {
                let product = (0 ..< order).reduce(0.0) { $0 + Double(elements[i * order + $1]) * matrix.inverse[$1 * order + j] }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-10)
            }
        }
    }

    /// The same numbers to the last bit as of row operations on M beside I, each entry by itself: at orders that fill vectors and others.
    @Test(arguments: [1, 2, 3, 6, 12, 29, 96]) func agreesWithRowOperationsToTheLastBit(order: Int) throws {
        var generator = TestGenerator(seed: UInt64(order))
        let elements = (0 ..< order * order).map { _ in Float.random(in: -1 ... 1, using: &generator) }
        let matrix = try InvertibleMatrix(order: order, elements: elements)
        var rows = (0 ..< order).map { row in
            (0 ..< order).map { Double(elements[row * order + $0]) } + (0 ..< order).map { $0 == row ? 1.0 : 0 }
        }
        var logAbsDeterminant = 0.0
        for column in 0 ..< order {
            let pivotRow = (column ..< order).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
            let pivot = rows[pivotRow][column]
            logAbsDeterminant += log(abs(pivot))
            rows.swapAt(pivotRow, column)
            rows[column] = rows[column].map { $0 / pivot }
            for row in 0 ..< order where row != column {
                let factor = rows[row][column]
                for j in 0 ..< 2 * order { rows[row][j] -= factor * rows[column][j] }
            }
        }
        #expect(matrix.inverse == rows.flatMap { $0[order...] })
        #expect(matrix.logAbsDeterminant == logAbsDeterminant)
    }

    @Test func columnScalesDoNotMatter() throws {
        let rotation: [Float] = [0.6, -0.8, 0.8, 0.6]
        let scales: [Float] = [0x1p-40, 0x1p30]
        let matrix = try InvertibleMatrix(order: 2, elements: rotation.enumerated().map { $1 * scales[$0 % 2] })
        #expect(abs(matrix.logAbsDeterminant + 10 * log(2.0)) < 1e-6)
    }

    @Test(
        arguments: [
            [0, 0, 0, 0], [1, 2, 2, 4], [1, 0, 0, 0], [1, 1, 1, 1.0000001], [1, .nan, 0, 1], [1, .infinity, 0, 1], [1, 2, 3], [],
        ] as [[Float]])
    func singularIsRefused(elements: [Float]) {
        #expect(throws: InvertibleMatrixError.self) { try InvertibleMatrix(order: 2, elements: elements) }
    }

    @Test func orderIsChecked() {
        for order in [.min, -1, 0, .max] {
            #expect(throws: InvertibleMatrixError.self) { try InvertibleMatrix(order: order, elements: [1]) }
        }
    }
}
