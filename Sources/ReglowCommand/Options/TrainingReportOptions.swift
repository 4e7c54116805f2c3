import ArgumentParser

/// When a training reports, keeps what it has, and ends.
struct TrainingReportOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("A line of the log every so many steps.", valueName: "steps"))
    var reportEvery = 100

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Measure on --validation every so many steps.", valueName: "steps"))
    var validateEvery = 500

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A picture of samples every so many steps; 0 draws none.", valueName: "steps"))
    var samplesEvery = 1000

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write what --resume needs every so many steps, and at the end.", valueName: "steps"))
    var checkpointEvery = 500

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Stop this call after so many hours, as if interrupted.", valueName: "hours"))
    var stopAfterHours: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End when this many measurements on --validation in a row were no better than the best.", valueName: "count"))
    var patience: Int?

    func validate() throws {
        for (name, value) in [
            ("--report-every", reportEvery), ("--validate-every", validateEvery), ("--checkpoint-every", checkpointEvery),
        ] {
            try require(value >= 1, "\(name) is \(value), but must be at least 1")
        }
        try require(samplesEvery >= 0, "--samples-every is \(samplesEvery), but must not be negative")
        if let patience { try require(patience >= 1, "--patience is \(patience), but must be at least 1") }
        if let stopAfterHours {
            try require(
                stopAfterHours > 0 && stopAfterHours.isFinite,
                "--stop-after-hours is \(stopAfterHours), but must be a finite number above 0")
        }
    }
}
