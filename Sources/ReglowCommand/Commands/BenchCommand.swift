import ArgumentParser
import Reglow

/// `reglow bench`: the cost of one solver iteration.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Times one solver iteration, against the arithmetic peak measured in the same run.",
        discussion: """
            An iteration is one value and gradient of the objective for the whole batch, by analysis and by synthesis. The report \
            has seconds (min, median, p95), operations, and the largest memory of the process. With --precision auto or mixed it also has an iteration with gradients in bf16, and what that costs \
            on this processor.

              reglow bench --batch 8
              reglow bench --random 4,32,512
              reglow bench --parts
              reglow bench --precision auto
            """)

    @Option(
        help: ArgumentHelp(
            "The prior: the name of a shipped model or a model file. (default: \(ShippedFiles.defaultPrior))",
            valueName: "name-or-path"), completion: .models)
    var prior: String?

    @Option(help: ArgumentHelp("Random weights instead: levels, steps per level, hidden channels.", valueName: "L,K,h"))
    var random: RandomArchitecture?

    @Option(
        help: ArgumentHelp(
            "Image size, in multiples that the model takes. (default: 64x64, or the only one that it takes)", valueName: "HxW"))
    var size: Problem.ImageSize?

    @Option(parsing: .unconditional, help: ArgumentHelp("Images that share an iteration.", valueName: "n"))
    var batch = 1

    @Option(parsing: .unconditional, help: ArgumentHelp("Iterations that are timed, after one that is not.", valueName: "n"))
    var repeats = 20

    @Flag(
        help: """
            Also measure the parts of an iteration: each map of the flow, and for each problem of the paper the share of an L-BFGS \
            iteration that is not spent in the flow.
            """)
    var parts = false

    @OptionGroup
    var profile: ProfileOption

    @OptionGroup
    var engine: EngineOptions

    /// `L,K,h`.
    struct RandomArchitecture: ExpressibleByArgument {
        let text: String
        let architecture: GlowArchitecture

        init?(argument: String) {
            let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 3, let levels = numbers[0], let steps = numbers[1], let hidden = numbers[2],
                let architecture = try? GlowArchitecture(levels: levels, steps: steps, hidden: hidden)
            else { return nil }
            self.architecture = architecture
            text = argument
        }
    }

    func validate() throws {
        try require(prior == nil || random == nil, "--prior and --random exclude each other")
        try require((1 ... 4096).contains(batch), "--batch is \(batch), but must be from 1 to 4096")
        try require((1 ... 100_000).contains(repeats), "--repeats is \(repeats), but must be from 1 to 100000")
        try OutputFiles.requireDistinct([("--json", engine.json), ("--profile", profile.path)], inputs: [prior])
    }

    func run() throws {
        try engine.requireJSONWritable()
        try profile.requireWritable()
        let glow =
            if let random {
                try Glow(RandomGlow(architecture: random.architecture, seed: 0), precision: engine.precision.values)
            } else {
                try Glow(
                    path: ShippedFiles.priorPath(prior ?? ShippedFiles.defaultPrior), precision: engine.precision.values,
                    threads: engine.parallelism.threads)
            }
        let size = size ?? .usual(of: glow)
        let recorder = profile.makeRecorder(engine)
        let benchmark = IterationBenchmark(
            prior: glow, size: size, batch: batch, threads: engine.parallelism.threads, repetitions: repeats, recorder: recorder,
            comparesGradients: engine.precision == .auto || engine.precision == .mixed)
        let result = try benchmark.run()
        let report = BenchReport(iteration: result, parts: parts ? try measureParts(of: glow, size) : nil)
        try engine.deliver(report, text: report.text)
        if let recorder, let summary = result.profile {
            try profile.deliver(
                summary, recorder, command: "bench", model: random.map { "random \($0.text)" } ?? prior ?? ShippedFiles.defaultPrior,
                size: "\(size)", engine)
        }
    }

    private func measureParts(of glow: Glow, _ size: Problem.ImageSize) throws -> PartsBenchmark.Result {
        let problems = try PaperProblem.all().map { ($0.name.replacing("-", with: "_"), $0.problem) }
        let benchmark = PartsBenchmark(
            prior: glow, size: size, batch: batch, threads: engine.parallelism.threads, repetitions: repeats,
            problems: Dictionary(uniqueKeysWithValues: problems))
        return try benchmark.run()
    }
}
