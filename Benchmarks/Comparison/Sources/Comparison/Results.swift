import Foundation

/// What one run measured, as the benchmark library exports it.
package struct Results: Equatable {
    package struct Measurement: Equatable {
        /// Operations of the work.
        package var operations: Double
        /// Operations a second: of the fastest sample, and of the peak in the same series.
        package var rate: Double
        package var peak: Double

        package init(operations: Double, rate: Double, peak: Double) {
            self.operations = operations
            self.rate = rate
            self.peak = peak
        }

        /// The part of the peak that was reached.
        package var share: Double { rate / peak }
        /// What the fastest sample took.
        package var seconds: Double { operations / rate }
    }

    package var measurements: [String: Measurement] = [:]

    package init(measurements: [String: Measurement]) { self.measurements = measurements }

    /// Adds what another run measured. Of a benchmark that both have, the run that reached the larger part of its peak counts: other
    /// work on the machine only ever takes from it.
    package mutating func merge(_ other: Results) {
        measurements.merge(other.measurements) { $1.share > $0.share ? $1 : $0 }
    }

    private struct Exported: Decodable {
        let name: String
        let value: Double
    }

    /// Reads what `benchmark --format jsonBiggerIsBetter` writes: a list with an entry "BENCHMARK - METRIC" for each metric.
    ///
    /// - Throws: `ResultsError` where it is something else, a benchmark lacks a metric or one of them is not positive.
    package init(exported data: Data) throws {
        let list: [Exported]
        do {
            list = try JSONDecoder().decode([Exported].self, from: data)
        } catch {
            throw ResultsError("not an export of the benchmark library: \(error)")
        }
        var values: [String: [String: Double]] = [:]
        for entry in list {
            guard let dash = entry.name.range(of: " - ", options: .backwards) else {
                throw ResultsError("\(entry.name): an entry without a metric")
            }
            values[String(entry.name[..<dash.lowerBound]), default: [:]][String(entry.name[dash.upperBound...])] = entry.value
        }
        for (benchmark, metrics) in values {
            func metric(_ name: String) throws -> Double {
                guard let value = metrics[name], value > 0 else {
                    throw ResultsError("\(benchmark): no positive \(name) in the results")
                }
                return value
            }
            measurements[benchmark] = Measurement(
                operations: try metric("Operations"), rate: try metric("FLOP/s"), peak: try metric("Peak FLOP/s"))
        }
    }
}

/// Results or a baseline that cannot be read.
package struct ResultsError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
