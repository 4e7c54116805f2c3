import ArgumentParser
import Reglow

/// When a training reports, keeps what it has, and ends.
struct TrainingReportOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("A line of the log every so many steps.", valueName: "steps"))
    var reportEvery = Training.Reports().recordEvery

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Measure on --validation every so many steps.", valueName: "steps"))
    var validateEvery = Training.Reports().validateEvery

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A picture of samples every so many steps; 0 draws none.", valueName: "steps"))
    var samplesEvery = Training.Reports().samplesEvery

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write what --resume needs every so many steps, and at the end.", valueName: "steps"))
    var checkpointEvery = Training.Reports().checkpointEvery

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

    var reports: Training.Reports {
        var reports = Training.Reports()
        reports.recordEvery = reportEvery
        reports.validateEvery = validateEvery
        reports.samplesEvery = samplesEvery
        reports.checkpointEvery = checkpointEvery
        reports.patience = patience
        reports.stopAfter = stopAfterHours.map { .seconds(3600 * min($0, 1e6)) }
        return reports
    }
}
