import InverseSolvers
import TrainingReports

/// A `NoiseEstimate` in the report.
package struct NoiseEstimateEntry: Encodable {
    package let deviation: Double
    /// The standard deviation of the estimate over itself.
    package let relativeError: Double
    package let verdict: String
    /// What is told of it on standard error too.
    package let notes: [String]

    package init(_ estimate: NoiseEstimate) {
        deviation = estimate.deviation
        relativeError = estimate.relativeError
        verdict = estimate.verdict.rawValue
        notes = estimate.notes
    }
}

extension NoiseEstimate {
    /// A sentence for each finding, which names sigma.
    package var notes: [String] {
        findings.map { "the noise is estimated at sigma \(deviation.fixed(4)): " + $0.description }
    }
}
