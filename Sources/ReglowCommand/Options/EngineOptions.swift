import ArgumentParser
import Logging
import Reglow

/// What every subcommand takes: threads, arithmetic, and where results and messages go.
struct EngineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the results as JSON to this file. With - they go to standard output, where nothing else is then printed.",
            valueName: "path"), completion: .json)
    var json: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Threads that work at once (default: as many as the cores and the cgroup's quota allow).", valueName: "count"))
    var threads: Int?

    @Option(
        help: """
            Arithmetic of the prior's coupling networks; everything else is fp32. With mixed values are in fp32, and gradients begin in \
            bf16 and go on in fp32 where its errors hinder the solve. auto is mixed on processors where that is known to take less \
            time, and elsewhere fp32.
            """)
    var precision: PrecisionChoice = .fp32

    @Flag(name: .shortAndLong, help: "No progress and no notes on standard error; errors stay.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "More on standard error: the engine, the priors, and how each image was solved.")
    var verbose = false

    func validate() throws {
        try require(!(quiet && verbose), "--quiet and --verbose exclude each other")
        if let threads {
            try require(
                (1 ... Self.mostThreads).contains(threads), "--threads is \(threads), but must be from 1 to \(Self.mostThreads)")
        }
        do {
            _ = try InstructionSet.selected()
        } catch let error as InstructionSetError {
            throw ValidationError("\(error)")
        }
    }

    private static let mostThreads = 1024

    var parallelism: Parallelism { Parallelism(threads: threads ?? ThreadCount.available()) }

    /// Says where notes to the user go.
    var log: Logger {
        var log = Logger(label: "reglow", factory: { _ in StandardErrorLog() })
        log.logLevel = quiet ? .error : verbose ? .info : .notice
        return log
    }

    /// What this call will have told its user.
    func makeNotes() -> Notes {
        let notes = Notes(log)
        let set = (try? InstructionSet.selected().rawValue) ?? "unknown"
        notes.detail(
            "reglow \(MainCommand.version)",
            "instruction set \(set), \(parallelism.threads) \(parallelism.threads == 1 ? "thread" : "threads"), precision \(precision.text), \(processorName())"
        )
        return notes
    }

    /// The line of standard error that shows how far the work is.
    func progress(_ label: String, images: Int, budget: Int) -> ProgressLine? {
        quiet ? nil : ProgressLine(label: label, images: images, budget: budget)
    }

    /// The lines and the bar of standard error that show how far a training is.
    func trainingProgress(firstStep: Int, steps: Int, batch: Int) -> TrainingProgress? {
        quiet ? nil : TrainingProgress(firstStep: firstStep, steps: steps, batch: batch)
    }

    /// Throws what `deliver` would throw now, so that long work can fail before it starts.
    func requireJSONWritable() throws {
        if let json, json != "-" { try AtomicFile.requireWritable(json) }
    }

    /// Writes the report where `--json` says, and prints `text` unless standard output belongs to the report.
    func deliver(_ report: some Encodable, text: String) throws {
        if json != "-" { try StandardOutput.write(text) }
        guard let json else { return }
        let encoded = try JSONText.encode(report)
        if json == "-" {
            try StandardOutput.write(encoded)
        } else {
            try AtomicFile.write(encoded + "\n", to: json)
        }
    }
}

/// Throws the error of wrong usage, exit code 64, unless the condition holds.
func require(_ holds: Bool, _ message: @autoclosure () -> String) throws {
    if !holds { throw ValidationError(message()) }
}
