import ArgumentParser
import Glibc
import Reglow

/// Says where the time went: a trace in a file, and a table on standard error.
struct ProfileOption: ParsableArguments {
    @Option(
        name: .customLong("profile"),
        help: ArgumentHelp(
            "Write where the time went to this file, a trace for ui.perfetto.dev, and print a table of it on standard error.",
            valueName: "file.json"), completion: .json)
    var path: String?

    func validate() throws {
        try require(path != "-", "--profile - is not the name of a file")
    }

    func requireWritable() throws {
        if let path { try AtomicFile.requireWritable(path) }
    }

    /// Returns nil when no profile is asked for.
    func makeRecorder(_ engine: EngineOptions) -> PhaseRecorder? {
        path.map { _ in PhaseRecorder(threads: engine.parallelism.threads) }
    }

    /// Writes the trace, and prints the table unless the command is to be quiet.
    ///
    /// - Parameters:
    ///   - model: the prior that ran.
    ///   - size: of the images.
    func deliver(
        _ profile: Profile, _ recorder: PhaseRecorder, command: String, model: String, size: String, _ engine: EngineOptions
    ) throws {
        guard let path else { return }
        try ChromeTrace.write(
            recorder, to: path, process: "reglow \(command)",
            otherData: [
                "version": MainCommand.version, "isa": try InstructionSet.selected().rawValue,
                "precision": engine.precision.rawValue, "threads": "\(engine.parallelism.threads)", "model": model, "size": size,
            ])
        if !engine.quiet { StandardError.write(profile.text + "\n") }
    }
}

/// What a command does beside solving, in a profile.
extension Phase {
    static let reading = Phase(48, "reading files")
    static let loading = Phase(49, "loading the prior")
    static let writing = Phase(50, "writing files")
}
