import ArgumentParser
import Reglow

/// `reglow restore`: the main job.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restores one image or many from measurements y = A x + noise.",
        usage: "reglow restore <measurement> ... --problem <problem> --output <file-or-folder> [options]",
        discussion: """
            One measurement goes into one file. Several, or the images of a folder, go into a folder under their base names: .npy \
            for .npy input, .png for all others. Images are solved each on its own, and share the evaluations of the flow.

            The solver minimizes 1/2 |A x - y|^2 + weight/2 |z|^2 over the image x and its latent z = f(x). The paper's two ways, one for \
            each, are --method analysis and --method synthesis. A rule for the weight takes between one and two and a half solves.

              reglow restore y.npy --problem inpaint --missing 0.6 --seed 7 --output x.png
              reglow restore blurred/ --problem deblur --output restored/
              reglow restore blurred/ --problem deblur --output restored/ --truth faces/

            Values of a .npy file are from 0 (black) to 1 (white), float32 of shape (3, H, W) or (H, W), and are never clipped. \
            PSNR and SSIM are those of the restored image clipped to [0, 1]. In JSON, an infinite PSNR and the SSIM of an image \
            smaller than 11 x 11 are null, and an image whose solve diverged has no output.
            """)

    @Argument(help: "Measurements: PNG, JPEG, .npy, or a folder of them.")
    var measurement: [String]

    @OptionGroup(title: "Files")
    var paths: RestorePaths

    @OptionGroup(title: "Problem")
    var problemOptions: ProblemOptions

    @OptionGroup(title: "Problem")
    var compressive: CompressiveSizeOption

    @OptionGroup(title: "Noise")
    var noiseOptions: MeasuredNoiseOptions

    @OptionGroup(title: "Objective")
    var objective: ObjectiveOptions

    @OptionGroup(title: "Objective")
    var prior: PriorOption

    @OptionGroup(title: "Solver")
    var solver: SolverArguments

    @OptionGroup(title: "Solver")
    var start: StartOption

    @OptionGroup(title: "Engine")
    var profile: ProfileOption

    @OptionGroup(title: "Engine")
    var engine: EngineOptions

    func validate() throws {
        _ = try approach()
        let isCompressive = problemOptions.problem == .compressive
        try require(
            compressive.size == nil || isCompressive, "--size is for --problem compressive; elsewhere the measurement has it")
        if isCompressive {
            try require(noiseOptions.noise.deviation != nil, "--noise auto needs a measurement that is an image, not --problem compressive")
            try require(
                objective.rule(noiseOptions.noise) != .whiteness,
                "--weight whiteness needs a measurement that is an image, not --problem compressive")
        }
        let plan = try makePlan()
        let inputs = plan.jobs.flatMap { [$0.input, $0.truth] }
        try OutputFiles.requireDistinct(
            plan.jobs.map { ("--output", $0.output) }
                + [("--trace", paths.trace), ("--json", engine.json), ("--profile", profile.path)],
            inputs: inputs + [problemOptions.mask, problemOptions.pointSpread, start.file])
    }

    func run() throws {
        let plan = try makePlan()
        if let trace = paths.trace { try AtomicFile.requireWritable(trace) }
        try engine.requireJSONWritable()
        try profile.requireWritable()
        let recorder = profile.makeRecorder(engine)
        let notes = engine.makeNotes()
        let reading = recorder?.begin(.reading)
        let files = try plan.jobs.map { job in
            try MeasurementFile(job, isVector: problemOptions.problem == .compressive, seed: noiseOptions.seed, notes: notes)
        }
        let truthSize = files.first?.truth.map { Problem.ImageSize($0.shape) }
        let compressiveSize = truthSize ?? compressive.size ?? Problem.ImageSize(height: 64, width: 64)
        let problem = try problemOptions.read(compressiveSize: compressiveSize, notes: notes)
        reading?.end()
        let loading = recorder?.begin(.loading)
        var restorer = try prior.restorer(engine, recorder: recorder)
        solver.configure(&restorer, try approach())
        let glow = restorer.prior
        loading?.end()
        let sizes = try files.map { try $0.imageSize(problem, prior: glow) }
        let start = try start.startingPoint(for: sizes, prior: glow, seed: noiseOptions.seed, notes: notes)
        for file in files where file.isGrey && glow.imageChannels == 3 {
            notes.tell(file.job.input, "grey; restored as three equal channels, of which the mean is written")
        }
        if let folder = plan.folder { try Folder.create(folder) }
        for job in plan.jobs { try ImageFile.requireWritable(job.output) }

        let trace = paths.trace.map { _ in TraceTable(files) }
        let restored = try solve(files, problem, restorer, start: start, trace)
        try write(restored, files, trace, recorder, notes)
    }

    private func approach() throws -> Approach { try solver.approach(objective.method) }

    private func makePlan() throws -> RestorePlan {
        try RestorePlan(inputs: measurement, output: paths.output, truth: paths.truth)
    }

    /// - Throws: `FileError` that names the measurement that does not fit the problem.
    private func solve(
        _ files: [MeasurementFile], _ problem: Problem, _ restorer: Restorer, start: StartingPoint?, _ trace: TraceTable?
    ) throws -> [RestoredImage] {
        let rule = objective.rule(noiseOptions.noise)
        let budget = solver.iterations * ((rule.isSearch ? 2 : 1) + (solver.selfEnsemble ? 1 : 0))
        let progress = engine.progress(try approach().rawValue, images: files.count, budget: budget)
        defer { progress?.finish() }
        do {
            return try restorer.restore(
                files.map(\.measurement), problem: problem, weight: rule, start: start
            ) { iterate in
                progress?.update(iterate)
                try trace?.add(iterate)
            }
        } catch let error as MeasurementError {
            throw FileError(path: files[error.measurement].job.input, reason: "\(error.reason)")
        }
    }

    /// Writes images, trace, report and profile. An image whose solve diverged is not written, and fails the command after all others.
    private func write(
        _ restored: [RestoredImage], _ files: [MeasurementFile], _ trace: TraceTable?, _ recorder: PhaseRecorder?,
        _ notes: Notes
    ) throws {
        let results = try zip(files, restored).map { file, restored in
            let image = try file.output(of: restored.image)
            let diverged = restored.diverged != nil
            let writing = recorder?.begin(.writing)
            if !diverged { try ImageFile.write(image, to: file.job.output) }
            writing?.end()
            if !restored.isWeightSettled {
                notes.tell(file.job.input, "the search for the weight ended before its rule was fulfilled")
            }
            return RestoreReport.Result(
                input: file.job.input, output: diverged ? nil : file.job.output, restored: restored,
                quality: try file.truth.map { try Quality(of: try image.clipped(), truth: $0) })
        }
        if let trace, let path = paths.trace {
            let writing = recorder?.begin(.writing)
            try AtomicFile.write(trace.csv(restored.map(\.trace)), to: path)
            writing?.end()
        }
        let summary = recorder.map { Profile($0) }
        let approach = try approach()
        let report = RestoreReport(
            results: results, problem: problemOptions.problem, method: approach, solver: solver.algorithm(approach), prior: prior.name,
            noise: noiseOptions.noise, rule: objective.rule(noiseOptions.noise), seed: noiseOptions.seed,
            selfEnsemble: solver.selfEnsemble, profile: summary)
        let lines = results.map(\.text) + ["precision \(engine.precision.rawValue)"]
        try engine.deliver(EngineReport(report, engine, notes), text: lines.joined(separator: "\n"))
        if let recorder, let summary {
            try profile.deliver(summary, recorder, command: "restore", model: prior.name, size: Self.sizes(of: restored), engine)
        }

        let failed = results.filter { $0.output == nil }
        if let first = failed.first {
            let others = failed.count == 1 ? "" : " (and \(failed.count - 1) more of \(results.count) images)"
            throw FileError(path: first.input, reason: "diverged, nothing was written: \(first.diagnosis ?? "")\(others)")
        }
    }

    /// Each size once, in the order in which they come.
    private static func sizes(of restored: [RestoredImage]) -> String {
        var sizes: [String] = []
        for size in restored.map({ "\(Problem.ImageSize($0.image.shape))" }) where !sizes.contains(size) { sizes.append(size) }
        return sizes.joined(separator: ", ")
    }
}
