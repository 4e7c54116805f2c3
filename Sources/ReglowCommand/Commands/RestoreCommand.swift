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
            for .npy input, .png for all others. Images are solved each on its own, and share the evaluations of the flow. Each is written \
            when it is done; one that fails is named at the end, with exit code 1, and the others are written. An interrupt (SIGINT, \
            SIGTERM) leaves what is done, writes the report and exits with 130 or 143; a second one ends at once.

            The solver minimizes 1/2 |A x - y|^2 + lambda/2 |z|^2 over the image x and its latent z = f(x). The paper's two ways, one for \
            each, are --method analysis and --method synthesis. A rule for lambda takes between one and two and a half solves.

              reglow restore y.npy --problem inpaint --missing 0.6 --seed 7 --output x.png
              reglow restore blurred/ --problem deblur --output restored/
              reglow restore blurred/ --problem deblur --output restored/ --truth faces/
              reglow restore photo.png --problem deblur --point-spread gaussian:2 --prior photos --output sharp.png

            A blurred photograph is a window of a larger scene: what surrounds it is found along with it (--border unknown, the default). \
            Where --truth is larger than the result by those surroundings, the result is compared with the truth's middle.

            A file - is standard input, and --output - standard output, where nothing else is then printed. PNG and TIFF outputs keep \
            the depth, transparency, colour profile, resolution and Exif data of the input; JPEG files stand upright.

            Values of a .npy file are from 0 (black) to 1 (white), of shape (3, H, W), (H, W) or (H, W, 3), and are never clipped; those \
            of uint8 and uint16 are divided by 255 and 65535, and --range says another white. \
            PSNR and SSIM are those of the restored image clipped to [0, 1]. In JSON, an infinite PSNR and the SSIM of an image \
            smaller than 11 x 11 are null, and an image whose solve diverged has no output.
            """)

    @Argument(help: "Measurements: PNG, JPEG, TIFF, WebP, .npy, or a folder of them.", completion: .pictures)
    var measurement: [String]

    @OptionGroup(title: "Files")
    var paths: RestorePaths

    @OptionGroup(title: "Files")
    var pictures: PictureOptions

    @OptionGroup(title: "Files")
    var formatOption: FormatOption

    @OptionGroup(title: "Problem")
    var problemOptions: ProblemOptions

    @OptionGroup(title: "Problem")
    var compressive: CompressiveSizeOption

    @OptionGroup(title: "Noise")
    var noiseOptions: MeasuredNoiseOptions

    @OptionGroup(title: "Objective")
    var objective: ObjectiveOptions

    @OptionGroup(title: "Objective")
    var prior: PicturePriorOption

    @OptionGroup(title: "Solver")
    var solver: SolverArguments

    @OptionGroup(title: "Solver")
    var start: StartOption

    @OptionGroup(title: "Engine")
    var memory: MemoryOption

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
            try require(noiseOptions.noise != .auto, "--noise auto needs a measurement that is an image, not --problem compressive")
            try require(
                objective.regularization != .whiteness,
                "--regularization-weight whiteness needs a measurement that is an image, not --problem compressive")
        }
        let plan = try makePlan()
        let inputs = plan.jobs.flatMap { [$0.input, $0.truth] }
        try OutputFiles.requireDistinct(
            plan.jobs.map { ("--output", $0.output) }
                + [("--trace", paths.trace), ("--json", engine.json), ("--profile", profile.path)],
            inputs: inputs + problemOptions.files + [start.file, prior.name])
    }

    func run() throws {
        StopSignal.listen()
        AvailableMemory.returnLargeBlocks()
        let plan = try makePlan()
        if let trace = paths.trace { try AtomicFile.requireWritable(trace) }
        try engine.requireJSONWritable()
        try profile.requireWritable()
        let recorder = profile.makeRecorder(engine)
        let notes = engine.makeNotes()
        for contents in plan.contents {
            if let summary = contents.summary { notes.tell(contents.folder, summary) }
        }
        let approach = try approach()
        let reading = recorder?.begin(.reading)
        let (problem, pointSpread) = try problemOptions.read(
            defaultBorder: .unknown, compressiveSize: try compressiveSize(plan, notes), notes: notes)
        let trusted = try TrustedPixels(problemOptions.masks, notes)
        reading?.end()
        let start = try start.read(seed: noiseOptions.seed, scale: pictures.scale, notes: notes)
        let sessions = RestorationSessionCache(
            restorer: { prior in
                let loading = recorder?.begin(.loading)
                defer { loading?.end() }
                var restorer = try engine.restorer(prior, recorder: recorder)
                solver.configure(&restorer, approach)
                return restorer
            },
            session: { RestorationSession($0, problem: problem, regularization: objective.rule($1), start: start.point) })
        // A prior that is named is the fault of the call, not of its first image.
        if let named = prior.name { _ = try sessions.restorer(named) }
        if let folder = plan.folder { try Folder.create(folder) }

        let rule = objective.rule(noiseOptions.noise ?? .auto)
        let trace = paths.trace.map { _ in TraceTable(plan) }
        let reader = MeasurementReader(
            problem: problem, isVector: problemOptions.problem == .compressive, isInpainting: problemOptions.problem == .inpaint,
            trusted: trusted, scale: pictures.scale, format: formatOption.format?.image, seed: noiseOptions.seed,
            prior: prior, noise: noiseOptions, sessions: sessions, start: start.file, makesFolders: plan.folder != nil, notes: notes)
        let budget = solver.maxEvaluations * ((rule.isSearch ? 2 : 1) + (solver.selfEnsemble ? 1 : 0))
        let run = RestoreRun(
            plan.jobs, reader: reader, sessions: sessions, isSearch: rule.isSearch, memory: memory, trace: trace,
            progress: engine.progress(approach.rawValue, images: plan.jobs.count, budget: budget), notes: notes, recorder: recorder)
        try run.run()
        try report(run, plan, sessions, pointSpread, trace, recorder, notes)
        try run.outcomes.requireDone()
    }

    private func approach() throws -> Approach { try solver.approach(objective.method) }

    private func makePlan() throws -> RestorePlan {
        try RestorePlan(
            inputs: measurement, output: paths.output, truth: paths.truth, format: formatOption.format?.image, isRecursive: paths.recursive)
    }

    /// The size of the images of a compressive problem; elsewhere it does not matter.
    private func compressiveSize(_ plan: RestorePlan, _ notes: Notes) throws -> Problem.ImageSize {
        let other = compressive.size ?? Problem.ImageSize(height: 64, width: 64)
        guard problemOptions.problem == .compressive, let truth = plan.jobs.first?.truth else { return other }
        return Problem.ImageSize(try readImage(truth, notes, scale: pictures.scale).shape)
    }

    /// Writes trace, report and profile.
    private func report(
        _ run: RestoreRun, _ plan: RestorePlan, _ sessions: RestorationSessionCache, _ pointSpread: PointSpreadReport?,
        _ trace: TraceTable?,
        _ recorder: PhaseRecorder?, _ notes: Notes
    ) throws {
        if let trace, let path = paths.trace {
            let writing = recorder?.begin(.writing)
            try AtomicFile.write(trace.csv, to: path)
            writing?.end()
        }
        let summary = recorder.map { Profile($0) }
        let approach = try approach()
        let priors = sessions.priors
        let noise = noiseOptions.noise ?? sessions.sharedNoise ?? .auto
        let report = RestoreReport(
            run, of: plan, problem: problemOptions.problem, method: approach, solver: solver.algorithm(approach),
            prior: priors.joined(separator: ", "), noise: noise, rule: objective.rule(noise), seed: noiseOptions.seed,
            selfEnsemble: solver.selfEnsemble, pointSpread: pointSpread, profile: summary)
        let lines = report.results.compactMap(\.text)
        try engine.deliver(
            EngineReport(report, engine, notes),
            text: lines.isEmpty || paths.output == standardStream
                ? "" : (lines + ["precision \(engine.precision.rawValue)"]).joined(separator: "\n"))
        if let recorder, let summary {
            let sizes = run.sizes.map(\.description).joined(separator: ", ")
            try profile.deliver(summary, recorder, command: "restore", model: priors.joined(separator: ", "), size: sizes, engine)
        }
    }
}
