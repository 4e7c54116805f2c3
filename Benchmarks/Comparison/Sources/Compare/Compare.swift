import ArgumentParser
import Comparison
import Foundation

@main
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Prints what a run of the benchmarks measured, and holds it against a baseline.",
        discussion: """
            Exits with 1 where a benchmark is more than 10 % slower than in the baseline of this machine, measured by its part of the \
            peak of its own run. A machine without a baseline gets the table alone.
            """)

    @Argument(help: "What `benchmark --format jsonBiggerIsBetter` wrote. Of a benchmark in several files the best run counts.")
    var results: [String]

    @Option(help: "What `reglow info --json` wrote in the same run.")
    var machine: String

    @Option(help: "The folder of baselines, a JSON file for each machine.")
    var baselines: String

    @Flag(help: "Print only the names of those that are slower, and succeed.")
    var listSlower = false

    @Flag(help: "Write the results into this machine's baseline instead of comparing.")
    var update = false

    @Flag(help: "With --update: forget what the baseline holds of benchmarks that did not run.")
    var afresh = false

    func run() throws {
        var results = Results(measurements: [:])
        for path in self.results { results.merge(try read(path) { try Results(exported: $0) }) }
        guard !results.measurements.isEmpty else { throw ResultsError("no benchmark ran; does a filter match?") }
        let machine = try read(self.machine) { try JSONDecoder().decode(Machine.self, from: $0) }
        let baseline = baselines + "/" + machine.fileName
        let stored =
            try FileManager.default.fileExists(atPath: baseline) ? read(baseline) { try Baseline(stored: $0) } : nil
        if let stored, stored.machine != machine { throw ResultsError("\(baseline): is of another machine: \(stored.machine)") }
        if listSlower {
            Verdict(results, machine: machine, baseline: stored).slower.forEach { print($0) }
            return
        }
        Table(results, baseline: stored).lines.forEach { print($0) }
        print()
        if update {
            var updated = afresh ? Baseline(machine: machine) : stored ?? Baseline(machine: machine)
            updated.update(results)
            try updated.stored().write(to: URL(filePath: baseline), options: .atomic)
            print("\(baseline): \(results.measurements.count) of \(updated.shares.count) benchmarks written, on \(machine).")
        } else {
            let verdict = Verdict(results, machine: machine, baseline: stored)
            verdict.lines.forEach { print($0) }
            if !verdict.slower.isEmpty { throw ExitCode.failure }
        }
    }

    private func read<Value>(_ path: String, _ decode: (Data) throws -> Value) throws -> Value {
        do {
            return try decode(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw ResultsError("\(path): \(error)")
        }
    }
}
