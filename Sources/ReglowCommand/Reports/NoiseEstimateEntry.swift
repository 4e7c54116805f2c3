import Reglow
import TrainingReports

/// A `NoiseEstimate` in the report.
struct NoiseEstimateEntry: Encodable {
    let deviation: Double
    /// The standard deviation of the estimate over itself.
    let relativeError: Double
    let verdict: String
    /// What is told of it on standard error too.
    let notes: [String]

    init(_ estimate: NoiseEstimate) {
        deviation = estimate.deviation
        relativeError = estimate.relativeError
        verdict = estimate.verdict.rawValue
        notes = estimate.notes
    }
}

extension NoiseEstimate {
    /// A sentence for each finding, which names sigma.
    var notes: [String] {
        findings.map { "the noise is estimated at sigma \(deviation.fixed(4)): " + $0.description }
    }
}
