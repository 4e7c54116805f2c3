import Foundation

/// The results as text: a line for each benchmark, under a head for each module, with the names in order.
package struct Table {
    let results: Results
    let baseline: Baseline?

    package init(_ results: Results, baseline: Baseline?) {
        self.results = results
        self.baseline = baseline
    }

    package var lines: [String] {
        let names = results.measurements.keys.sorted(by: precedesByName)
        let width = names.map(\.count).max() ?? 0
        var lines: [String] = []
        var module = ""
        for name in names {
            guard let measurement = results.measurements[name] else { continue }
            let itsModule = String(name.prefix { $0 != "/" })
            if itsModule != module {
                module = itsModule
                if !lines.isEmpty { lines.append("") }
                let comparison = baseline == nil ? "" : "time to baseline"
                lines.append(row(module, width, "time", "GFLOP/s", "peak", "% of peak", comparison))
            }
            lines.append(
                row(
                    name, width, Self.time(measurement.seconds), Self.rate(measurement.rate), Self.rate(measurement.peak),
                    String(format: "%.1f", measurement.share * 100), comparison(name, measurement)))
        }
        return lines
    }

    private func comparison(_ benchmark: String, _ measurement: Results.Measurement) -> String {
        guard let baseline else { return "" }
        guard let slowdown = baseline.slowdown(benchmark, measurement) else { return "new" }
        let text = String(format: "%+.1f %%", slowdown * 100)
        if slowdown > Baseline.tolerance { return text + "  SLOWER" }
        return slowdown < 1 / (1 + Baseline.tolerance) - 1 ? text + "  faster" : text
    }

    private func row(
        _ name: String, _ width: Int, _ time: String, _ rate: String, _ peak: String, _ share: String, _ comparison: String
    ) -> String {
        func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
        let columns =
            name + String(repeating: " ", count: width - min(width, name.count)) + right(time, 12) + right(rate, 10)
            + right(peak, 9) + right(share, 11)
        return comparison.isEmpty ? columns : columns + "   " + comparison
    }

    private static func rate(_ operationsPerSecond: Double) -> String {
        String(format: operationsPerSecond < 1e10 ? "%.2f" : "%.1f", operationsPerSecond * 1e-9)
    }

    private static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<1e-3: String(format: "%.2f us", seconds * 1e6)
        case ..<1: String(format: "%.2f ms", seconds * 1e3)
        default: String(format: "%.3f s ", seconds)
        }
    }
}
