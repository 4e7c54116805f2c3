import ArgumentParser
import Glibc
import Reglow
import Synchronization

/// `reglow batch`: many images, nothing lost.
struct BatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Restores many images into a folder, in one process or many, so that nothing done is lost.",
        usage: """
            reglow batch <folder> --output <folder> --problem <problem> [options]
            reglow batch <manifest> --output <folder> [options]
            reglow batch --merge <folder>
            """,
        discussion: """
            The images of a folder, or of a manifest, go into the output folder, each with a JSON record beside it. The same call again \
            goes on where the last one ended, by whatever it ended: what is done stays as it is, and long solves go on from their last \
            checkpoint, to the same bytes. An image that fails has a record that says why, and ends no other.

            A manifest is a file of JSON lines (.jsonl), or a CSV file whose first line names the columns. Names are input (relative to the \
            manifest's folder), output (a name in the output folder), truth, mask, seed, and any option of this page without its dashes, \
            such as problem, noise or prior, which then counts in place of the call's.

              reglow batch blurred/ --output restored/ --problem deblur
              reglow batch jobs.csv --output restored/ --noise 0.02
              reglow batch jobs.csv --output restored/ --shard 2/4
              reglow batch --merge restored/

            With --shard several processes, on one machine or many with a shared folder, do parts of one job. --merge looks whether all is \
            there, names what is missing, and writes summary.json and summary.csv; a call without --shard does so itself.

            SIGINT, SIGTERM and SIGUSR1 end the call with checkpoints of what is unfinished, and exit code 130, 143 or 138.
            """)

    @Argument(
        help: ArgumentHelp("A folder of measurements, or a manifest (.jsonl, .csv).", valueName: "folder-or-manifest"),
        completion: .file())
    var jobs: String?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The folder that the restored images go into.", valueName: "folder"),
        completion: .directory)
    var output: String?

    @Option(
        help: ArgumentHelp("Only look whether all images of this output folder are there, and write the summary.", valueName: "folder"),
        completion: .directory)
    var merge: String?

    @Flag(help: "Only say what would be done.")
    var dryRun = false

    @Flag(
        inversion: .prefixedNo,
        help: "Take the images of the folders in the input folder too, into folders of the same names in the output."
    )
    var recursive = false

    @Option(
        help: ArgumentHelp(
            "The truths, for PSNR and SSIM: a folder with images of the same base names. A manifest names them itself.", valueName: "folder"
        ),
        completion: .directory)
    var truth: String?

    @OptionGroup(title: "Files")
    var pictures: PictureOptions

    @OptionGroup(title: "Files")
    var formatOption: FormatOption

    @OptionGroup(title: "Files")
    var reportOption: ReportOption

    @OptionGroup(title: "Job")
    var jobArguments: JobArguments

    @OptionGroup
    var settingsArguments: SettingsArguments

    @OptionGroup(title: "Solver")
    var start: StartOption

    @OptionGroup(title: "Engine")
    var memory: MemoryOption

    @OptionGroup(title: "Engine")
    var engine: EngineOptions

    func validate() throws {
        if merge != nil {
            return try require(jobs == nil && output == nil, "--merge DIR knows its job: leave out the others")
        }
        _ = try jobArguments.chosenShard(Notes())
        try require(jobs != nil, "Missing expected argument '<folder-or-manifest>'")
        try require(output != nil, "Missing expected argument '--output <folder>'")
        try require(start.file == nil, "--start: images of a job start at adjoint, zero or random, not at a file")
        let isFolder = jobs.map(Folder.exists) ?? false
        if isFolder {
            try settingsArguments.problemOptions.requireProblem()
            let isSame = jobs.flatMap(realPath) == output.flatMap(realPath)
            try require(!isSame, "--output is the folder of the measurements: results would be taken for measurements in the next call")
        }
        if let jobs, !isFolder {
            try require(
                JobManifest.endings.contains(fileExtension(of: jobs)) || realPath(jobs) == nil,
                "\(jobs) is neither a folder nor a manifest: those end in \(JobManifest.endings.map { "." + $0 }.joined(separator: ", "))")
            try require(truth == nil, "--truth is for the images of a folder; a manifest names the truths itself")
            try require(!recursive, "--recursive is for a folder")
        }
    }

    func run() throws {
        try reportOption.requireRoom()
        if let merge { return try BatchMerge(folder: merge, engine: engine, reportOption: reportOption).run() }
        StopSignal.listen(also: [SIGUSR1])
        AvailableMemory.returnLargeBlocks()
        try engine.requireJSONWritable()
        let notes = engine.makeNotes()
        let options = try makeOptions(notes)
        let list = try JobListReader(self, arguments: commandArguments(), notes: notes).list()
        if dryRun { return try tellPlan(list, options) }
        guard let output else { return }
        let progress = engine.quiet ? nil : JobProgress(list.jobs.count)
        let failures = Mutex<[(input: String, reason: String)]>([])
        let (end, counts) = try JobRunner(list, folder: output, options: options).run(isStopped: { StopSignal.isReceived }) { event in
            progress?.hear(event)
            switch event {
            case .note(let about, let text): notes.tell(about, text)
            case .ended(let outcome, _):
                if let error = outcome.error { failures.withLock { $0.append((outcome.job.input, error)) } }
                notes.detail(outcome.job.output, outcome.text)
            default: break
            }
        }
        try finish(end, counts, list, failures.withLock { $0 }, options.shard, notes)
    }

    private func makeOptions(_ notes: Notes) throws -> JobOptions {
        var options = try jobArguments.options(notes, threads: engine.threads, memory: memory.memory?.bytes)
        let place = jobs.flatMap(realPath) ?? jobs ?? ""
        options.identity = ["jobs": place, "recursive": "\(recursive)", "format": formatOption.format?.rawValue ?? "as the input"]
        options.notes = try BatchMerge.notes(commandArguments())
        return options
    }

    /// Says what the call did; of a whole job by its summary.
    private func finish(
        _ end: JobEnd, _ counts: JobCounts, _ list: JobList, _ failures: [(input: String, reason: String)], _ shard: Shard, _ notes: Notes
    ) throws {
        guard let output else { return }
        if shard == .whole, end == .all {
            let summary = try JobSummary.write(list, folder: output)
            try BatchMerge.report(list, summary, folder: output, into: reportOption.folder, engine, notes)
            try engine.deliver(EngineReport(summary, engine, notes), text: BatchMerge.text(summary, folder: output))
            return try BatchMerge.requireWhole(summary, folder: output)
        }
        reportOption.tellItIsMissing(notes, output)
        let report = BatchReport(counts, end, shard, failures.map { BatchReport.Failure(input: $0.input, reason: $0.reason) })
        try engine.deliver(EngineReport(report, engine, notes), text: report.text(folder: output))
        try report.requireDone(folder: output)
    }

    private func tellPlan(_ list: JobList, _ options: JobOptions) throws {
        let plan = try BatchPlanReport(list, shards: options.shard.count)
        try engine.deliver(plan, text: plan.text)
    }
}
