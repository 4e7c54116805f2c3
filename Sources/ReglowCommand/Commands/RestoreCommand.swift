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

    @OptionGroup(title: "Files")
    var reportOption: ReportOption

    @OptionGroup
    var settingsArguments: SettingsArguments

    @OptionGroup(title: "Solver")
    var start: StartOption

    @OptionGroup(title: "Posterior")
    var posterior: PosteriorArguments

    @OptionGroup(title: "Engine")
    var memory: MemoryOption

    @OptionGroup(title: "Engine")
    var profile: ProfileOption

    @OptionGroup(title: "Engine")
    var engine: EngineOptions

    func validate() throws {
        try settingsArguments.problemOptions.requireProblem()
        let plan = try makePlan()
        let inputs = plan.jobs.flatMap { [$0.input, $0.truth] }
        try OutputFiles.requireDistinct(
            plan.jobs.map { ("--output", $0.output) }
                + [
                    ("--trace", paths.trace), ("--json", engine.json), ("--profile", profile.path),
                    ("--uncertainty-output", posterior.uncertaintyOutput), ("--samples-output", posterior.samplesOutput),
                ],
            inputs: inputs + settingsArguments.problemOptions.files + [start.file, settingsArguments.prior.name])
    }

    func run() throws {
        StopSignal.listen()
        AvailableMemory.returnLargeBlocks()
        let plan = try makePlan()
        if let trace = paths.trace { try AtomicFile.requireWritable(trace) }
        try engine.requireJSONWritable()
        try profile.requireWritable()
        try reportOption.requireRoom()
        let recorder = profile.makeRecorder(engine)
        let notes = engine.makeNotes()
        for contents in plan.contents {
            if let summary = contents.summary { notes.tell(contents.folder, summary) }
        }
        let (solver, approach) = (settingsArguments.solver, try settingsArguments.approach())
        let start = try start.read(seed: settingsArguments.noiseOptions.seed, scale: pictures.scale, notes: notes)
        let reading = recorder?.begin(.reading)
        let (settings, pointSpread) = try settingsArguments.settings(
            compressiveSize: try compressiveSize(plan, notes), white: pictures.range, start: start.point, precision: engine.precision,
            posterior: posterior, notes: notes)
        let trusted = try TrustedPixels(settings.masks, notes)
        reading?.end()
        let posteriorFiles = PosteriorFiles(posterior, isFolder: plan.folder != nil)
        try posteriorFiles.prepare()
        let sessions = RestorationSessionCache(
            restorer: { prior in
                let loading = recorder?.begin(.loading)
                defer { loading?.end() }
                var restorer = try engine.restorer(prior, recorder: recorder)
                restorer.options = settings.solver
                return restorer
            },
            session: {
                RestorationSession($0, problem: settings.problem, regularization: settings.rule($1), start: settings.start)
            })
        // A prior that is named is the fault of the call, not of its first image.
        if let named = settings.prior { _ = try sessions.restorer(named) }
        if let folder = plan.folder { try Folder.create(folder) }

        let rule = settings.rule(settings.noise ?? .estimated)
        let trace = paths.trace.map { _ in TraceTable(plan) }
        let gallery = reportOption.folder.map { ReportGallery(folder: $0, title: plan.title, engine: engine) }
        let reader = MeasurementReader(
            settings: settings, trusted: trusted, format: formatOption.format?.image, start: start.file, makesFolders: plan.folder != nil,
            notes: notes, restorer: sessions.restorer)
        let budget = solver.maxEvaluations * ((rule.isSearch ? 2 : 1) + (solver.views > 1 ? 1 : 0))
        let run = RestoreRun(
            plan.jobs, reader: reader, sessions: sessions, isSearch: rule.isSearch, posterior: posteriorFiles, memory: memory, trace: trace,
            gallery: gallery,
            progress: engine.progress(approach.rawValue, images: plan.jobs.count, budget: budget), notes: notes, recorder: recorder,
            isReported: engine.json != nil)
        try run.run()
        if let gallery {
            try gallery.write(parameters: try settings.options(), notes)
            reportOption.tell(notes)
        }
        try report(run, plan, settings, sessions, pointSpread, trace, recorder, notes)
        try run.outcomes.requireDone()
    }

    private func makePlan() throws -> RestorePlan {
        try RestorePlan(
            inputs: measurement, output: paths.output, truth: paths.truth, format: formatOption.format?.image, isRecursive: paths.recursive)
    }

    /// The size of the images of a compressive problem by its truth; elsewhere it does not matter.
    private func compressiveSize(_ plan: RestorePlan, _ notes: Notes) throws -> Problem.ImageSize? {
        guard settingsArguments.problemOptions.problem == .compressive, let truth = plan.jobs.first?.truth else { return nil }
        return Problem.ImageSize(try readImage(truth, notes, scale: pictures.scale).shape)
    }

    /// Writes trace, report and profile.
    private func report(
        _ run: RestoreRun, _ plan: RestorePlan, _ settings: RestorationSettings, _ sessions: RestorationSessionCache,
        _ pointSpread: PointSpreadReport?,
        _ trace: TraceTable?,
        _ recorder: PhaseRecorder?, _ notes: Notes
    ) throws {
        if let trace, let path = paths.trace {
            let writing = recorder?.begin(.writing)
            try AtomicFile.write(trace.csv, to: path)
            writing?.end()
        }
        let summary = recorder.map { Profile($0) }
        let (solver, approach) = (settingsArguments.solver, try settingsArguments.approach())
        let priors = sessions.priors
        let noise = settings.noise ?? sessions.sharedNoise ?? .estimated
        let report = RestoreReport(
            run, of: plan, problem: settingsArguments.problemOptions.problem, method: approach, solver: solver.algorithm(approach),
            prior: priors.joined(separator: ", "), noise: noise, rule: settings.rule(noise), seed: settings.seed,
            ensemble: solver.views, pointSpread: pointSpread, profile: summary)
        let lines = report.results.compactMap(\.text)
        try engine.deliver(
            EngineReport(report, engine, notes),
            text: lines.isEmpty || paths.output == standardStream
                ? "" : (lines + ["precision \(engine.precision.text)"]).joined(separator: "\n"))
        if let recorder, let summary {
            let sizes = run.sizes.map(\.description).joined(separator: ", ")
            try profile.deliver(summary, recorder, command: "restore", model: priors.joined(separator: ", "), size: sizes, engine)
        }
    }
}
