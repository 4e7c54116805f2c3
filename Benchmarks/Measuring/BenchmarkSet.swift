import Foundation

/// Which benchmarks a run takes: `REGLOW_BENCHMARKS` is `short` (the default, about two minutes) or `all`.
package enum BenchmarkSet: String, Sendable {
    case short
    case all

    /// The name of the environment variable.
    package static let variable = "REGLOW_BENCHMARKS"

    /// What this run takes.
    ///
    /// Ends the process with a message where the variable has another value.
    static let chosen: BenchmarkSet = {
        guard let name = ProcessInfo.processInfo.environment[variable], !name.isEmpty else { return .short }
        guard let set = BenchmarkSet(rawValue: name) else { refuse("\(variable)=\(name): is short or all") }
        return set
    }()

    /// Whether a benchmark of this set belongs to the run.
    var isTaken: Bool { self == .short || Self.chosen == .all }
}

/// Ends the process where the build is not optimized: its times say nothing.
func requireReleaseBuild() {
    #if DEBUG
        refuse("benchmarks of a debug build say nothing: build with -c release")
    #endif
}

private func refuse(_ message: String) -> Never {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    exit(1)
}
