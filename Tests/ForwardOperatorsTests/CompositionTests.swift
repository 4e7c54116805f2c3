import ForwardOperators
import KernelInterface
import TestSupport
import Testing

@Suite struct CompositionTests {
    @Test func appliesTheInnerOperatorFirst() throws {
        let mask = try Mask.random(shape(2, 6, 8), missing: 0.5, seed: 1)
        let downsampling = try Downsampling(imageShape: mask.imageShape, factor: 2)
        let composition = try Composition(downsampling, after: mask)
        #expect(composition.imageShape == shape(2, 6, 8) && composition.measurementShape == shape(2, 3, 4))
        #expect(composition.isNonnegative)
        expectMatches(composition) { image in
            var means = [Double](repeating: 0, count: 24)
            for index in 0 ..< 96 where mask.keep[index % 48] {
                means[index / 48 * 12 + index % 48 / 16 * 4 + index % 8 / 2] += image[index] / 4
            }
            return means
        }
    }

    @Test func carriesSignAndErasure() throws {
        let signed = try Blur(imageShape: shape(1, 4, 4), pointSpread: pointSpread(1, 2, [1, -1]))
        let mask = try Mask.hole(shape(1, 4, 4), size: 2)
        let composition = try Composition(mask, after: signed)
        #expect(!composition.isNonnegative)
        var measurement = [Float](repeating: 1, count: 16)
        composition.eraseUnmeasured(&measurement)
        #expect(measurement == mask.keep.map { $0 ? 1 : 0 })
        expectAdjoint(of: try Composition(composition, after: Cropping.padding(shape(1, 4, 4), toMultipleOf: 3)))
    }

    @Test func refusesShapesThatDoNotMeet() throws {
        let small = try Identity(imageShape: shape(3, 4, 4))
        let large = try Identity(imageShape: shape(3, 8, 8))
        #expect(throws: OperatorError.shapesDoNotCompose(innerMeasurement: shape(3, 8, 8), outerImage: shape(3, 4, 4))) {
            try Composition(small, after: large)
        }
    }

    /// Row i is A' e_i, also of a composition of compositions; an operator that is computed has none.
    @Test func rowsAreThoseOfTheProduct() throws {
        let matrix = try DenseMatrix(
            imageShape: shape(1, 3, 4), measurements: 5, entries: uniformNumbers(60, seed: 31), parallelism: Parallelism(threads: 1))
        let canvas = try Cropping.padding(shape(1, 3, 4), toMultipleOf: 8)
        let composition = try Composition(
            Composition(matrix, after: canvas), after: Mirroring(imageShape: canvas.imageShape))
        for a in [matrix, composition] as [any MatrixBackedOperator] {
            let rows = try #require(a.rows)
            #expect(rows.count == 5 && rows.imageShape == a.imageShape)
            for row in 0 ..< 5 {
                var unit = [Float](repeating: 0, count: 5)
                unit[row] = 1
                var image = [Float](repeating: .nan, count: a.imageShape.count)
                image.withUnsafeMutableBufferPointer { image in
                    if let base = image.baseAddress { rows.write(row, into: base) }
                }
                #expect(image == (try a.adjoint(unit)))
            }
        }
        #expect(try Composition(try Identity(imageShape: shape(1, 3, 4)), after: try Identity(imageShape: shape(1, 3, 4))).rows == nil)
    }
}
