import ArgumentParser
import FoundationEssentials
import Reglow

/// Which part of a job is done, when it ends, and what is kept of unfinished images.
struct JobArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Do only this part of the job: 2/4 is the second of four. The same part has the same images in every call, and all parts have \
            about the same work. Each of both numbers may be the name of an environment variable. In a Slurm job array it is found by \
            itself. (default: all)
            """, valueName: "I/N"))
    var shard: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("What the first shard is called: 0 where a queue counts from 0.", valueName: "0|1"))
    var shardBase = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write a checkpoint of each image that has been solved for so long, and every so many seconds after. 0 makes none.",
            valueName: "seconds"))
    var checkpointSeconds = JobOptions().checkpointSeconds

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("End the solve of an image after so many seconds; its best point is written and marked.", valueName: "seconds"))
    var secondsPerImage: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End the call after so many seconds; the best points of what is being solved are written and marked.", valueName: "seconds"))
    var totalSeconds: Double?

    @Flag(help: "End the call at the first image that fails.")
    var failFast = false

    @Option(parsing: .unconditional, help: ArgumentHelp("End the call when so many images have failed.", valueName: "count"))
    var maxFailures: Int?

    @Flag(help: "Try images again that failed in an earlier call.")
    var retryFailed = false

    func validate() throws {
        try require([0, 1].contains(shardBase), "--shard-base is \(shardBase), but must be 0 or 1")
        try require(checkpointSeconds >= 0, "--checkpoint-seconds is \(checkpointSeconds), but must not be negative")
        for (name, seconds) in [("--seconds-per-image", secondsPerImage), ("--total-seconds", totalSeconds)] {
            if let seconds { try require(seconds > 0, "\(name) is \(seconds), but must be above 0") }
        }
        if let maxFailures { try require(maxFailures >= 1, "--max-failures is \(maxFailures), but must be at least 1") }
        try require(!failFast || maxFailures == nil, "--fail-fast is --max-failures 1: leave one of them out")
    }

    /// The part that the options or Slurm name.
    ///
    /// - Throws: the error of wrong usage for one that is not there.
    func chosenShard(_ notes: Notes) throws -> Shard {
        let environment = ProcessInfo.processInfo.environment
        do {
            if let shard { return try Shard(parsing: shard, base: shardBase, environment: environment) }
            guard let found = try Shard(slurm: environment) else { return .whole }
            notes.tell("--shard", "\(found), by task \(environment["SLURM_ARRAY_TASK_ID"] ?? "") of the Slurm job array")
            return found
        } catch {
            throw ValidationError("--shard: \(error)")
        }
    }

    func options(_ notes: Notes, threads: Int?, memory: Int?) throws -> JobOptions {
        var options = JobOptions()
        options.shard = try chosenShard(notes)
        options.threads = threads
        options.memory = memory
        options.checkpointSeconds = checkpointSeconds
        options.secondsPerImage = secondsPerImage ?? .infinity
        options.totalSeconds = totalSeconds ?? .infinity
        options.mostFailures = failFast ? 1 : maxFailures ?? .max
        options.retriesFailed = retryFailed
        return options
    }
}
