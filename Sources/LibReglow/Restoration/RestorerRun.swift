import CReglow
import Imaging
import InverseSolvers
import KernelDispatch
import KernelInterface
import Reglow
import TrainingReports

/// One call that restores measurements: whole where the memory lets them be, else in windows. All happens on the calling thread.
final class RestorerRun {
    private let session: RestorationSession
    private let problem: ProblemObject
    private let choices: RestoreChoices
    private let measured: MeasurementArrays
    private let watch: CallerWatch
    /// How the posterior of each is sampled; nil gives modes.
    private let posterior: PosteriorOptions?
    private let isGrey: Bool
    private var outcomes: [Outcome]
    private var notes: [ResultObject.Note] = []
    private var isCancelled = false

    init(
        _ session: RestorationSession, _ problem: ProblemObject, _ choices: RestoreChoices, _ measured: MeasurementArrays,
        posterior: PosteriorOptions? = nil
    ) {
        self.posterior = posterior
        (self.session, self.problem, self.choices, self.measured) = (session, problem, choices, measured)
        watch = CallerWatch(problem.caller)
        isGrey = problem.isGrey(measured.shape) && session.restorer.prior.imageChannels == 3
        outcomes = measured.measurements.map { _ in Outcome() }
    }

    func result() -> ResultObject { ResultObject(outcomes, notes: notes, isCancelled: isCancelled) }

    /// - Throws: what ends the whole call: a `Fault` of the caller's operator, `SolverError` for options, `MemoryShortage`, `ProblemError`.
    func restoreAll() throws {
        for note in problem.notes { tell(nil, String(cString: note.pointer)) }
        if isGrey { tell(nil, "grey; restored as three equal channels, of which the mean is the result") }
        for note in measured.notes { tell(note.index, note.text) }
        if let remark = try missingRemark() { tell(nil, remark) }
        let plan = try makePlan()
        if let grid = plan.windows {
            if posterior != nil { throw Fault(REGLOW_OUT_OF_MEMORY, "the posterior needs the memory for the whole picture and its draws") }
            tell(nil, "restored in \(grid.count) windows of up to \(grid.size), because of the memory")
            for index in measured.measurements.indices where !isCancelled { try restore(index, in: grid) }
            return
        }
        for first in stride(from: 0, to: measured.measurements.count, by: plan.most) where !isCancelled {
            try restore(first ..< min(first + plan.most, measured.measurements.count))
        }
    }

    /// What the problem itself leaves out of a picture; nil where it leaves nothing out.
    private func missingRemark() throws -> String? {
        guard case .inpaint = problem.problem else { return nil }
        let shape = ImageShape(channels: 1, height: measured.shape.height, width: measured.shape.width)
        return try problem.forwardOperator(shape).missingPixels.remark(of: shape, isInpainting: true)
    }

    /// How many measurements fit into the memory at once, or the windows of one that does not fit alone.
    private func makePlan() throws -> (most: Int, windows: WindowGrid?) {
        let limit = MemoryLimit.bytes(asked: choices.memoryLimit, threads: choices.threads)
        let lacksSome = measured.measurements.contains { $0.trusted != nil }
        let planner = RestorationPlanner(session.restorer, problem: session.problem)
        func plan(_ images: Int) throws -> RestorationPlan {
            let (draws, overflow) = measured.measurements.count.multipliedReportingOverflow(
                by: planner.bytesOfDraws(measured.shape, posterior))
            return try planner.plan(
                measured.shape, lacksSome: lacksSome, images: max(images, posterior?.chains ?? 0),
                resident: AvailableMemory.resident().now + (overflow ? .max / 4 : min(draws, .max / 4)), limit: limit)
        }
        let all = min(measured.measurements.count, choices.settings.solver.maximumBatch)
        var most = all
        while most > 1 {
            // A problem that has no windows is short of memory where others are cut.
            let fits: Bool
            do { fits = try plan(most).windows == nil } catch is MemoryShortage { fits = false }
            // Where all fit, the batch is the solver's to choose.
            if fits { return (most == all ? measured.measurements.count : most, nil) }
            most /= 2
        }
        return (1, try plan(1).windows)
    }

    // MARK: - Whole

    private func restore(_ range: Range<Int>) throws {
        var modes: [Int: RestoredImage] = [:]
        var events = RestorationStream.Events(
            onProgress: { [self] in hear($0, image: range.lowerBound + $0.measurement, window: 0, of: 1) }, checkpoint: poll
        ) { [self] index, result in
            finish(range.lowerBound + index) {
                let restored = try result.get()
                if posterior != nil, restored.diverged == nil { modes[index] = restored }
                var outcome = Outcome(restored, image: try output(restored.image), isCancelled: isCancelled)
                outcome.setIterates(
                    restored.trace, firstCount: restored.restoration.trace.entries.count, image: range.lowerBound + index)
                tell(restored.noiseEstimate, taken: restored.noiseDeviation, range.lowerBound + index)
                // Of an image that is to be sampled it is told with what the chains say.
                if modes[index] == nil, !isCancelled { tell(restored.trust, range.lowerBound + index) }
                if !restored.isRegularizationSettled, !isCancelled {
                    tell(range.lowerBound + index, "the search for lambda ended before its rule was fulfilled")
                }
                return outcome
            }
        }
        events.isCancelled = { [self] in isCancelled }
        try session.restore(Array(measured.measurements[range]), events)
        try watch.check()
        for (index, mode) in modes.sorted(by: { $0.key < $1.key }) where !isCancelled { try sample(range.lowerBound + index, mode) }
    }

    // MARK: - The posterior

    /// Replaces a mode by the mean of its posterior. Where it is cancelled the mode stays.
    private func sample(_ index: Int, _ mode: RestoredImage) throws {
        guard let posterior else { return }
        do {
            let estimate = try session.posterior(
                of: measured.measurements[index], index: index, mode: mode, posterior,
                checkpoint: { [self] in
                    try poll()
                    if isCancelled { throw Cancellation() }
                })
            try watch.check()
            var outcome = Outcome(mode, image: estimate.mean, isCancelled: false)
            outcome.setIterates(mode.trace, firstCount: mode.restoration.trace.entries.count, image: index)
            outcome.setPosterior(PosteriorImages(estimate, mode: try output(mode.image)), estimate.trust)
            tell(estimate.trust, index)
            outcomes[index] = outcome
        } catch is Cancellation {
            outcomes[index].cancel()
        } catch let error as SolverError {
            throw error
        } catch let fault as Fault {
            throw fault
        } catch {
            finish(index) { throw error }
        }
    }

    // MARK: - In windows

    /// Thrown where a picture in windows is cancelled: what is done of it is no picture.
    private struct Cancellation: Error {}

    private func restore(_ index: Int, in grid: WindowGrid) throws {
        do {
            let windows = try WindowedRestoration(session, measured.measurements[index], grid)
            let restored = try windows.run(
                onProgress: { [self] window, progress in
                    hear(progress, image: index, window: window, of: grid.count)
                    if isCancelled { throw Cancellation() }
                },
                checkpoint: { [self] in
                    try poll()
                    if isCancelled { throw Cancellation() }
                })
            finish(index) {
                tell(restored.noiseEstimate, taken: restored.noiseDeviation, index)
                tell(restored.trust, index)
                return Outcome(restored, image: try output(restored.image))
            }
        } catch is Cancellation {
            return
        } catch let error as SolverError {
            throw error
        } catch let fault as Fault {
            throw fault
        } catch {
            finish(index) { throw error }
        }
    }

    // MARK: - Events

    private func finish(_ index: Int, _ body: () throws -> Outcome) {
        do { outcomes[index] = try body() } catch { outcomes[index] = Outcome(failed: Fault(of: error)) }
    }

    /// The restored image as a measurement of its channels is wanted.
    private func output(_ image: Image) throws -> Image { isGrey ? try image.channelMean() : image }

    private func poll() throws {
        try watch.check()
        guard !isCancelled, let onPoll = choices.callbacks.onPoll else { return }
        if onPoll(choices.callbacks.context) != 0 { isCancelled = true }
    }

    private func hear(_ progress: RestorationProgress, image: Int, window: Int, of windows: Int) {
        guard !isCancelled, let onIterate = choices.callbacks.onIterate else { return }
        var iterate = reglow_iterate(progress.entry, image: image, isMirrored: progress.isMirrored)
        (iterate.window, iterate.windows) = (window, windows)
        withUnsafePointer(to: iterate) { pointer in
            CurrentIterates.shared.during(pointer, { [self] in try output(progress.image()) }, isWhole: windows == 1) {
                if onIterate(pointer, choices.callbacks.context) != 0 { isCancelled = true }
            }
        }
    }

    private func tell(_ image: Int?, _ text: String) {
        let note = ResultObject.Note(image: image, text: CText(text))
        notes.append(note)
        choices.callbacks.onNote?(note.index, note.text.pointer, choices.callbacks.context)
    }

    private func tell(_ trust: Trust, _ image: Int) {
        if trust.verdict != .ok { tell(image, "trust: \(trust.text)") }
    }

    private func tell(_ estimate: NoiseEstimate?, taken deviation: Double?, _ image: Int) {
        for remark in estimate?.remarks(taken: deviation, remedy: "give noise as a number") ?? [] { tell(image, remark) }
    }
}
