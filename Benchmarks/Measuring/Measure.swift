import Benchmark
import Foundation
import Reglow

/// Registers a benchmark.
///
/// - Parameters:
///   - name: unique among all benchmarks; begins with the name of the module.
///   - set: the smaller of the sets that it belongs to.
///   - series: makes the data, checks that the results are right, and measures. It runs in a process of its own; what it throws
///     fails the benchmark.
package func measure(_ name: String, set: BenchmarkSet, series: @escaping () throws -> Series) {
    requireReleaseBuild()
    guard set.isTaken else { return }
    // One iteration of the library is one whole series, in which work and peak alternate.
    let configuration = Benchmark.Configuration(
        metrics: [.time, .operations, .rate, .peak, .percentOfPeak],
        units: [.operations: .count, .rate: .count, .peak: .count, .percentOfPeak: .count],
        warmupIterations: 0, maxDuration: .seconds(3600), maxIterations: 1)
    Benchmark(name, configuration: configuration) { benchmark in
        showOnTerminal(name)
        do {
            let series = try series()
            for sample in series.samples { benchmark.measurement(.time, Int((sample * 1e9).rounded())) }
            benchmark.measurement(.operations, Int((series.operations).rounded()))
            benchmark.measurement(.rate, Int((series.rate).rounded()))
            benchmark.measurement(.peak, Int((series.peak).rounded()))
            benchmark.measurement(.percentOfPeak, Int((series.share * 100).rounded()))
        } catch {
            benchmark.error("\(name): \(error)")
        }
    }
}

/// Writes over the last line of the terminal that `REGLOW_BENCHMARKS_TERMINAL` names, if it names one. Nothing else shows how far a
/// run is: the library takes the output of a benchmark away.
private func showOnTerminal(_ text: String) {
    guard let path = ProcessInfo.processInfo.environment["REGLOW_BENCHMARKS_TERMINAL"],
        let terminal = FileHandle(forWritingAtPath: path)
    else { return }
    try? terminal.write(contentsOf: Data("\r\u{1b}[K\(text)".utf8))
    try? terminal.close()
}

/// What is recorded of a series. The library keeps whole numbers, three digits of them.
extension BenchmarkMetric {
    /// Every sample.
    static let time = BenchmarkMetric.custom("Time, nanoseconds", polarity: .prefersSmaller, useScalingFactor: false)
    static let operations = BenchmarkMetric.custom("Operations", polarity: .prefersLarger, useScalingFactor: false)
    static let rate = BenchmarkMetric.custom("FLOP/s", polarity: .prefersLarger, useScalingFactor: false)
    static let peak = BenchmarkMetric.custom("Peak FLOP/s", polarity: .prefersLarger, useScalingFactor: false)
    static let percentOfPeak = BenchmarkMetric.custom("Percent of peak", polarity: .prefersLarger, useScalingFactor: false)
}
