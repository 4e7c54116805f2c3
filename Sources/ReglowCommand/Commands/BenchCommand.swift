import ArgumentParser
import Foundation
import Reglow

/// `reglow bench`: the cost of one solver iteration.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Times one solver iteration, against the arithmetic peak measured in the same run.",
        discussion: """
            An iteration is one value and gradient of the objective for the whole batch, by analysis and by synthesis. The report \
            has seconds (min, median, p95), operations, and the largest memory of the process.

              reglow bench --batch 8
              reglow bench --random 4,32,512
            """)

    @Option(
        help: ArgumentHelp(
            "The prior: the name of a shipped model or a model file. (default: \(ShippedFiles.defaultPrior))",
            valueName: "name-or-path"))
    var prior: String?

    @Option(help: ArgumentHelp("Random weights instead: levels, steps per level, hidden channels.", valueName: "L,K,h"))
    var random: RandomArchitecture?

    @Option(help: ArgumentHelp("Image size, in multiples that the model takes.", valueName: "HxW"))
    var size = Problem.ImageSize(height: 64, width: 64)

    @Option(parsing: .unconditional, help: ArgumentHelp("Images that share an iteration.", valueName: "n"))
    var batch = 1

    @Option(parsing: .unconditional, help: ArgumentHelp("Iterations that are timed, after one that is not.", valueName: "n"))
    var repeats = 20

    @OptionGroup
    var engine: EngineOptions

    /// `L,K,h`.
    struct RandomArchitecture: ExpressibleByArgument {
        let architecture: GlowArchitecture

        init?(argument: String) {
            let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 3, let levels = numbers[0], let steps = numbers[1], let hidden = numbers[2],
                let architecture = try? GlowArchitecture(levels: levels, steps: steps, hidden: hidden)
            else { return nil }
            self.architecture = architecture
        }
    }

    func validate() throws {
        try require(prior == nil || random == nil, "--prior and --random exclude each other")
        try require((1 ... 4096).contains(batch), "--batch is \(batch), but must be from 1 to 4096")
        try require((1 ... 100_000).contains(repeats), "--repeats is \(repeats), but must be from 1 to 100000")
        try OutputFiles.requireDistinct([("--json", engine.json)], inputs: [prior])
    }

    func run() throws {
        try engine.requireJSONWritable()
        let glow =
            if let random {
                try Glow(RandomGlow(architecture: random.architecture, seed: 0), precision: engine.precision)
            } else {
                try Glow(path: ShippedFiles.priorPath(prior ?? ShippedFiles.defaultPrior), precision: engine.precision)
            }
        let benchmark = IterationBenchmark(
            prior: glow, size: size, batch: batch, threads: engine.parallelism.threads, repetitions: repeats)
        let result = try benchmark.run()
        try engine.deliver(result, text: Self.text(result))
    }

    private static func text(_ result: IterationBenchmark.Result) -> String {
        func line(_ name: String, _ seconds: IterationBenchmark.Seconds) -> String {
            let times = [seconds.min, seconds.median, seconds.p95].map { (String(format: "%.2f ms", 1000 * $0), 12) }
            return Columns.line([(name, -10)] + times)
        }
        let rate = String(
            format: "%.2f GFLOP, %.1f GFLOP/s: %.1f %% of the measured peak of %.1f GFLOP/s", result.gflop, result.gflops,
            result.percentOfPeak, result.peakGflops)
        return [
            "\(result.isa), \(result.precision), threads \(result.threads), batch \(result.batch), \(result.height)x\(result.width)",
            Columns.line([("", -10), ("min", 12), ("median", 12), ("p95", 12)]),
            line("analysis", result.analysis),
            line("synthesis", result.synthesis),
            rate,
            String(format: "peak memory %.0f MB", Double(result.peakMemoryBytes) / 1e6),
        ].joined(separator: "\n")
    }
}
