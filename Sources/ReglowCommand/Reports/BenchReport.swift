import Reglow
import TrainingReports

/// The cost of an iteration and, where they were measured, of its parts: the keys of both, side by side.
struct BenchReport: Encodable {
    let iteration: IterationBenchmark.Result
    let parts: PartsBenchmark.Result?

    func encode(to encoder: any Encoder) throws {
        try iteration.encode(to: encoder)
        try parts?.encode(to: encoder)
    }

    var text: String {
        ([iterationText] + (parts.map { [Self.mapText($0), Self.aroundText($0)] } ?? [])).joined(separator: "\n\n")
    }

    private var iterationText: String {
        func line(_ name: String, _ seconds: IterationBenchmark.Seconds) -> String {
            let times = [seconds.min, seconds.median, seconds.p95].map { (Self.milliseconds($0), 12) }
            return Columns.line([(name, -10)] + times)
        }
        let i = iteration
        let rate =
            "\(i.gflop.fixed(2)) GFLOP, \(i.gflops.fixed(1)) GFLOP/s: \(i.percentOfPeak.fixed(1)) % of the measured peak of "
            + "\(i.peakGflops.fixed(1)) GFLOP/s"
        return [
            "\(i.isa), \(i.precision), threads \(i.threads), batch \(i.batch), \(i.height)x\(i.width)",
            Columns.line([("", -10), ("min", 12), ("median", 12), ("p95", 12)]),
            line("analysis", i.analysis),
            line("synthesis", i.synthesis),
            rate,
            i.mixedAnalysis.map { line("mixed", $0) + "\n" + comparison($0) },
            "peak memory \((Double(i.peakMemoryBytes) / 1e6).fixed(0)) MB",
        ].compactMap(\.self).joined(separator: "\n")
    }

    /// What gradients in bf16 cost on this processor, and what `--precision auto` makes of it.
    private func comparison(_ mixed: IterationBenchmark.Seconds) -> String {
        let share = (mixed.median / iteration.analysis.median).fixed(2)
        let choice = PrecisionChoice.auto.gradients?.rawValue ?? "fp32"
        return
            "with gradients in bf16 an iteration takes \(share) of the time in fp32 on \(ProcessorModel.current); --precision auto takes \(choice)"
    }

    private static func mapText(_ parts: PartsBenchmark.Result) -> String {
        let head = Columns.line([("map", -16), ("min", 12), ("passes", 12)])
        let lines = parts.maps.sorted { $0.key < $1.key }.map { name, cost in
            Columns.line([(name, -16), (milliseconds(cost.seconds), 12), (cost.passes.fixed(3), 12)])
        }
        return ([head] + lines).joined(separator: "\n")
    }

    private static func aroundText(_ parts: PartsBenchmark.Result) -> String {
        let head = Columns.line([("around the flow", -16), ("analysis", 12), ("synthesis", 12)])
        let lines = parts.around.sorted { $0.key < $1.key }.map { name, share in
            Columns.line([(name, -16)] + [share.analysis, share.synthesis].map { ($0.map { "\((100 * $0).fixed(2)) %" } ?? "-", 12) })
        }
        return ([head] + lines).joined(separator: "\n")
    }

    private static func milliseconds(_ seconds: Double) -> String { "\((1000 * seconds).fixed(2)) ms" }
}
