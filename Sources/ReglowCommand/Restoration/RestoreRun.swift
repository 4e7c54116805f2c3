import Reglow
import TrainingReports

/// The work of one `reglow restore`: reads, solves and writes image by image, so that what is done is on the disk whatever becomes of the
/// rest.
///
/// An image that cannot be read, solved or written is a failure of its own, and ends no other.
final class RestoreRun {
    private let jobs: [RestorationJob]
    private let reader: MeasurementReader
    private let sessions: RestorationSessionCache
    private let isSearch: Bool
    private let posteriorFiles: PosteriorFiles
    private let memory: MemoryOption
    private let trace: TraceTable?
    private let gallery: ReportGallery?
    private let progress: ProgressLine?
    private let notes: Notes
    private var queue: MeasurementQueue
    /// The measured speed of each session, by its first image.
    private var probes: [RestorationSessionCache.Key: SpeedProbe] = [:]
    private(set) var outcomes: RestoreOutcomes
    private(set) var plan = PlanReport()
    /// Each size of a restored image once, in the order in which they came.
    private(set) var sizes: [Problem.ImageSize] = []

    private let recorder: PhaseRecorder?
    /// Whether anybody will see how long the work takes.
    private let isTimed: Bool

    init(
        _ jobs: [RestorationJob], reader: MeasurementReader, sessions: RestorationSessionCache, isSearch: Bool, posterior: PosteriorFiles,
        memory: MemoryOption, trace: TraceTable?, gallery: ReportGallery?, progress: ProgressLine?, notes: Notes, recorder: PhaseRecorder?,
        isReported: Bool
    ) {
        self.jobs = jobs
        self.reader = reader
        self.sessions = sessions
        self.isSearch = isSearch
        posteriorFiles = posterior
        self.memory = memory
        self.trace = trace
        self.gallery = gallery
        self.progress = progress
        self.notes = notes
        self.recorder = recorder
        isTimed = isReported || progress != nil
        queue = MeasurementQueue(jobs) { try sessions.restorer($0.key.prior).prior.sizeMultiple }
        outcomes = RestoreOutcomes(jobs: jobs)
    }

    /// Restores all images, or those that end before a `StopSignal`.
    ///
    /// - Throws: `SolverError` for options that no image can be solved with.
    func run() throws {
        defer { progress?.finish() }
        do {
            while true {
                let group = try queue.nextGroup(read: read) { fail($0, $1) }
                guard let first = group.first else { return }
                let session = try sessions.session(first.key)
                guard let plan = try plan(group, first, session) else { continue }
                if let grid = plan.windows {
                    guard reader.settings.posterior == nil else {
                        for file in group { fail(file.number, PosteriorInWindows()) }
                        continue
                    }
                    for file in group { try solve(file, session, in: grid) }
                } else {
                    try solve(group, session)
                }
            }
        } catch let interruption as Interruption {
            outcomes.interruption = interruption
        }
    }

    private func read(_ job: RestorationJob, _ number: Int) throws -> MeasurementFile {
        try Interruption.check()
        progress?.begin(.reading, PathName.shown(shownInput(job.input)), image: number)
        let reading = recorder?.begin(.reading)
        defer { reading?.end() }
        return try reader.read(job, number: number)
    }

    /// The plan of a group; nil where there can be none, which is the failure of its images and of no other.
    private func plan(
        _ group: [MeasurementFile], _ first: MeasurementFile, _ session: RestorationSession
    ) throws -> RestorationPlan? {
        do {
            return try makePlan(first, session, images: group.count)
        } catch let error as Interruption {
            throw error
        } catch let error as SolverError {
            throw error
        } catch {
            for file in group { fail(file.number, error) }
            return nil
        }
    }

    /// Plans the images of a group, which have one size, and tells the first plan and each with windows.
    private func makePlan(_ file: MeasurementFile, _ session: RestorationSession, images: Int) throws -> RestorationPlan {
        progress?.begin(.planning, PathName.shown(shownInput(file.job.input)), image: file.number)
        let restorer = session.restorer
        let limit = memory.limit(threads: restorer.parallelism.threads)
        let planner = RestorationPlanner(restorer, problem: session.problem)
        let posterior = reader.settings.posterior
        let plan = try planner.plan(
            file.measurement.shape, lacksSome: file.measurement.trusted != nil, images: max(images, posterior?.chains ?? 0),
            resident: AvailableMemory.resident().now + planner.bytesOfDraws(file.measurement.shape, posterior), limit: limit)
        let known = probes[file.key]
        let isSmall = images * plan.solvedPixels < Self.fewPixels
        let probe =
            !isTimed
            ? nil
            : try known
                ?? SpeedProbe(restorer, problem: session.problem, isSearch: isSearch, side: isSmall ? Self.smallTile : Self.tile)
        probes[file.key] = probe
        self.plan.add(plan, images: images, limit: limit, probe: probe)
        if known == nil || plan.windows != nil {
            let rest = jobs.count > 1 ? " (image \(file.number + 1) of \(jobs.count))" : ""
            progress?.tell(
                "plan: \(PathName.shown(shownInput(file.job.input))): \(PlanReport.text(plan, limit: limit, probe: probe))\(rest)")
        }
        return plan
    }

    /// Sides of the tile that is solved for the estimate of the time, and images for which the smaller will do.
    private static let tile = 128
    private static let smallTile = 32
    private static let fewPixels = 1 << 17

    /// Solves images whole, together.
    private func solve(_ group: [MeasurementFile], _ session: RestorationSession) throws {
        progress?.begin(
            .preparing, group.count == 1 ? PathName.shown(shownInput(group[0].job.input)) : "\(group.count) images", image: group[0].number)
        var modes: [Int: RestoredImage] = [:]
        try session.restore(
            group.map(\.measurement),
            onProgress: { [trace, gallery, progress] iterate in
                progress?.update(iterate, image: group[iterate.measurement].number)
                try trace?.add(iterate, group[iterate.measurement])
                try gallery?.add(iterate, group[iterate.measurement])
            }, checkpoint: Interruption.check
        ) { [self] index, result in
            if reader.settings.posterior != nil, case .success(let restored) = result, restored.diverged == nil {
                modes[index] = restored
                return
            }
            finish(group[index]) {
                let restored = try result.get()
                trace?.end(restored.trace, group[index])
                gallery?.end(restored.trace, group[index])
                tellNoise(restored.noiseEstimate, taken: restored.noiseDeviation, group[index])
                if !restored.isRegularizationSettled {
                    notes.tell(shownInput(group[index].job.input), "the search for lambda ended before its rule was fulfilled")
                }
                return (restored.image, restored.diverged, SolutionReport(restored))
            }
        }
        for (index, mode) in modes.sorted(by: { $0.key < $1.key }) { try sample(group[index], mode, session) }
    }

    /// Draws from the posterior of an image whose mode is known.
    private func sample(_ file: MeasurementFile, _ mode: RestoredImage, _ session: RestorationSession) throws {
        guard let options = reader.settings.posterior else { return }
        try Interruption.check()
        var interruption: Interruption?
        finish(file) {
            trace?.end(mode.trace, file)
            tellNoise(mode.noiseEstimate, taken: mode.noiseDeviation, file)
            let estimate: PosteriorEstimate
            do {
                estimate = try session.posterior(
                    of: file.measurement, index: 0, mode: mode, options,
                    onProgress: { [progress] in progress?.update($0, image: file.number) }, checkpoint: Interruption.check)
            } catch let error as Interruption {
                interruption = error
                throw error
            }
            let written = try posteriorFiles.write(estimate, of: file.job)
            var solution = SolutionReport(mode)
            let modeQuality = try file.truth.map { try Quality(of: try file.output(of: mode.image).clipped(), truth: $0) }
            solution.setPosterior(
                estimate, mode: modeQuality, truth: file.truth, uncertaintyOutput: written.uncertainty, samplesOutput: written.samples)
            gallery?.end(mode.trace, file)
            gallery?.add(estimate, file)
            return (estimate.mean, nil, solution)
        }
        if let interruption { throw interruption }
    }

    /// Solves one image in windows.
    private func solve(_ file: MeasurementFile, _ session: RestorationSession, in grid: WindowGrid) throws {
        try Interruption.check()
        var interruption: Interruption?
        finish(file) {
            do {
                let windows = try WindowedRestoration(session, file.measurement, grid)
                if trace != nil { notes.tell(shownInput(file.job.input), "solved in windows, so that it has no lines in the trace") }
                let restored = try windows.run(
                    onWindow: { progress?.begin(window: $0, of: grid.count, image: file.number) },
                    onProgress: { [progress] in progress?.update($1, image: file.number) }, checkpoint: Interruption.check)
                tellNoise(restored.noiseEstimate, taken: restored.noiseDeviation, file)
                return (restored.image, restored.solves.diverged, SolutionReport(restored))
            } catch let error as Interruption {
                interruption = error
                throw error
            }
        }
        if let interruption { throw interruption }
    }

    private func tellNoise(_ estimate: NoiseEstimate?, taken deviation: Double?, _ file: MeasurementFile) {
        for remark in estimate?.remarks(taken: deviation, remedy: "say --noise SIGMA") ?? [] {
            notes.tell(shownInput(file.job.input), remark)
        }
    }

    /// Writes one image, unless its solve diverged, and takes down what became of it. An interrupt leaves it without a result.
    private func finish(
        _ file: MeasurementFile, _ solve: () throws -> (image: Image, diverged: Restoration?, solution: SolutionReport)
    ) {
        do {
            var (restored, diverged, solution) = try solve()
            let image = try file.output(of: restored)
            let error = diverged.map { "diverged, nothing was written: \($0.diagnosis ?? "")" }
            if error == nil {
                progress?.begin(.writing, file.job.output, image: file.number)
                let writing = recorder?.begin(.writing)
                defer { writing?.end() }
                try file.write(image, notes)
            }
            notes.detail(file.job.input, solution.text)
            if solution.trust.verdict != .ok { notes.tell(shownInput(file.job.input), "trust: \(solution.trust.text)") }
            let size = Problem.ImageSize(image.shape)
            if !sizes.contains(size) { sizes.append(size) }
            solution.setQuality(try file.truth.map { try Quality(of: try image.clipped(), truth: $0) })
            try gallery?.add(file, image, solution, failure: error)
            outcomes.add(
                file.number,
                RestoreReport.Result(
                    input: file.job.input, output: error == nil ? file.job.output : nil, error: error, model: file.key.prior,
                    solution: solution))
            progress?.end(image: file.number)
        } catch is Interruption {
        } catch {
            fail(file.number, error)
        }
    }

    private func fail(_ number: Int, _ error: any Error) {
        outcomes.fail(number, error)
        // A page that lacks a failure is no reason to end the others.
        try? gallery?.fail(jobs[number], number, outcomes.reason(number))
        progress?.end(image: number)
    }
}

/// A picture that is too large to be sampled whole.
struct PosteriorInWindows: Error, CustomStringConvertible {
    var description: String {
        "--posterior needs the memory for the whole picture and its draws: give it more (--memory), fewer --samples, or a part of the picture"
    }
}

/// The end of a work by a signal, see `StopSignal`.
struct Interruption: Error {
    /// SIGINT or SIGTERM.
    let signal: Int32

    /// - Throws: an `Interruption` once a signal has come.
    static func check() throws {
        if let signal = StopSignal.received { throw Interruption(signal: signal) }
    }
}
