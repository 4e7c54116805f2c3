import ArgumentParser
import Comparison
import Foundation
import Reglow

@main
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Prints what a run of the benchmarks measured, and holds it against a baseline.",
        discussion: "Exits with 1 where a benchmark is more than 10 % slower, measured by its part of the peak of its own run.")

    @Argument(help: "What `benchmark --format jsonBiggerIsBetter` wrote.")
    var results: String

    @Option(help: "The baseline, a JSON file.")
    var baseline: String

    @Flag(help: "Write the results into the baseline instead of comparing.")
    var update = false

    func run() throws {
        let results = try Results(exported: try Data(contentsOf: URL(filePath: results)))
        guard !results.measurements.isEmpty else { throw ValidationError("\(self.results) holds no results") }
        let stored = try storedBaseline()
        if update {
            Table(results, baseline: nil).lines.forEach { print($0) }
            var updated = stored ?? Baseline(processor: processorName(), shares: [:])
            updated.update(results, processor: processorName())
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(updated).write(to: URL(filePath: baseline), options: .atomic)
            print("\(baseline): \(results.measurements.count) benchmarks written")
            return
        }
        Table(results, baseline: stored).lines.forEach { print($0) }
        guard let stored else {
            print("There is no baseline to compare with: \(baseline) does not exist.")
            return
        }
        if stored.processor != processorName() {
            print("The baseline is from another processor, \(stored.processor); this is \(processorName()).")
        }
        let slower = stored.slower(results)
        guard slower.isEmpty else {
            print("\(slower.count) of \(results.measurements.count) benchmarks are more than 10 % slower than the baseline.")
            throw ExitCode.failure
        }
        print("No benchmark is more than 10 % slower than the baseline.")
    }

    private func storedBaseline() throws -> Baseline? {
        guard FileManager.default.fileExists(atPath: baseline) else { return nil }
        return try JSONDecoder().decode(Baseline.self, from: try Data(contentsOf: URL(filePath: baseline)))
    }
}
