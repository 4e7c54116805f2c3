import ForwardOperators
import InverseSolvers
import KernelInterface
import Testing

@Suite struct MeasurementCovarianceTests {
    /// Where S overflows, or nothing is measured and nothing weighs, conjugate gradients have to serve.
    @Test(arguments: [Float(0), 1e20]) func noCovarianceOfNothingOrTooMuch(entry: Float) throws {
        let shape = ImageShape(channels: 3, height: 8, width: 8)
        let a = try DenseMatrix(
            imageShape: shape, measurements: 2, entries: [Float](repeating: entry, count: 2 * shape.count),
            parallelism: Parallelism(threads: 1))
        let rows = try #require(a.rows)
        let found = try MeasurementCovariance(
            try WienerPreconditionerTests.prior(shape), rows: rows, regularizationWeight: 0, parallelism: Parallelism(threads: 1))
        #expect(found == nil)
    }
}
