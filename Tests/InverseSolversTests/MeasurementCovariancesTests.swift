import ForwardOperators
import InverseSolvers
import KernelInterface
import Testing

@Suite struct MeasurementCovariancesTests {
    /// One matrix and weight, one covariance.
    @Test func equalMatricesShareTheirCovariance() throws {
        let (prior, known, parallelism) = (try WienerPreconditionerTests.prior(), MeasurementCovariances(), Parallelism(threads: 1))
        func found(_ a: DenseMatrix, _ weight: Double) throws -> MeasurementCovariance {
            let rows = try #require(a.rows)
            return try #require(try known.covariance(prior, rows: rows, regularizationWeight: weight, parallelism: parallelism))
        }
        let (a, b) = (try FactoredInverseTests.matrix(20), try FactoredInverseTests.matrix(20))
        let first = try found(a, 0.1)
        #expect(try found(a, 0.1) === first)
        #expect(try found(a, 0.2) !== first)
        #expect(try found(b, 0.1) !== first)
    }
}
