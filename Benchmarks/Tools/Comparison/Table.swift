import Foundation

/// The results as text, a line for each benchmark.
package struct Table {
    let results: Results
    let baseline: Baseline?

    package init(_ results: Results, baseline: Baseline?) {
        self.results = results
        self.baseline = baseline
    }

    package var lines: [String] {
        let width = results.measurements.keys.map(\.count).max() ?? 0
        let header = row("benchmark", width, "time", "GFLOP/s", "% of peak", baseline == nil ? "" : "against baseline")
        return [header] + results.measurements.sorted { $0.key < $1.key }.map { benchmark, measurement in
            row(
                benchmark, width, Self.time(measurement.seconds), String(format: "%.2f", measurement.rate * 1e-9),
                String(format: "%.1f", measurement.share * 100), comparison(benchmark, measurement))
        }
    }

    private func comparison(_ benchmark: String, _ measurement: Results.Measurement) -> String {
        guard let baseline else { return "" }
        guard let slowdown = baseline.slowdown(benchmark, measurement) else { return "new" }
        let text = String(format: "%+.1f %% time", slowdown * 100)
        return slowdown > Baseline.tolerance ? text + "  SLOWER" : text
    }

    private func row(
        _ name: String, _ width: Int, _ time: String, _ rate: String, _ share: String, _ comparison: String
    ) -> String {
        func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
        let columns = name + String(repeating: " ", count: width - min(width, name.count)) + right(time, 12) + right(rate, 10)
            + right(share, 11)
        return comparison.isEmpty ? columns : columns + "   " + comparison
    }

    private static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<1e-3: String(format: "%.2f us", seconds * 1e6)
        case ..<1: String(format: "%.3f ms", seconds * 1e3)
        default: String(format: "%.3f s", seconds)
        }
    }
}
