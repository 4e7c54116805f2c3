/// What a comparison says below its table.
package struct Verdict {
    /// Benchmarks that are slower than in the baseline of the machine.
    package let slower: [String]
    package let lines: [String]

    package init(_ results: Results, machine: Machine, baseline: Baseline?) {
        let measured = Self.benchmarks(results.measurements.count)
        guard let baseline else {
            slower = []
            lines = ["\(measured) on \(machine), which has no baseline to compare with: --update makes one."]
            return
        }
        let found = baseline.slower(results)
        slower = found
        let compared = results.measurements.keys.filter { baseline.shares[$0] != nil }.count
        var lines = ["\(measured) on \(machine); the baseline has \(compared) of them."]
        if found.isEmpty {
            lines.append("None is more than 10 % slower than the baseline, relative to the peak of its own run.")
        } else {
            lines.append("\(Self.benchmarks(found.count)) more than 10 % slower than the baseline, relative to the peak:")
            lines += found.map { "    \($0)" }
            lines.append("Before you believe it, run them alone on a quiet machine: --filter 'NAME'.")
        }
        self.lines = lines
    }

    private static func benchmarks(_ count: Int) -> String { "\(count) \(count == 1 ? "benchmark" : "benchmarks")" }
}
