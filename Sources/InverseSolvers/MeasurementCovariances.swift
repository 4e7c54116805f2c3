import ForwardOperators
import KernelInterface

/// The covariances that some problems have needed, so that those with the same matrix and weight share one.
package final class MeasurementCovariances {
    private struct Key: Hashable {
        let rows: ObjectIdentifier
        let regularizationWeight: Double
    }

    private var known: [Key: (rows: MatrixRows, covariance: MeasurementCovariance?)] = [:]

    package init() {}

    /// Returns what the initializer of `MeasurementCovariance` makes, once for each matrix and weight.
    package func covariance(
        _ prior: StationaryPrior, rows: MatrixRows, regularizationWeight: Double, parallelism: Parallelism
    ) throws -> MeasurementCovariance? {
        let key = Key(rows: ObjectIdentifier(rows), regularizationWeight: regularizationWeight)
        if let found = known[key] { return found.covariance }
        let made = try MeasurementCovariance(
            prior, rows: rows, regularizationWeight: regularizationWeight, parallelism: parallelism)
        // The rows are kept, so that no other object can have their address.
        known[key] = (rows, made)
        return made
    }
}
