import Reglow

/// The work of one `reglow restore`: reads, solves and writes image by image, so that what is done is on the disk whatever becomes of the
/// rest.
///
/// An image that cannot be read, solved or written is a failure of its own, and ends no other.
final class RestoreRun {
    private let jobs: [RestorePlan.Job]
    private let reader: MeasurementReader
    private let sessions: RestorationSessions
    private let trace: TraceTable?
    private let progress: ProgressLine?
    private let notes: Notes
    private var queue: MeasurementQueue
    private(set) var outcomes: RestoreOutcomes
    /// Each size of a restored image once, in the order in which they came.
    private(set) var sizes: [Problem.ImageSize] = []

    private let recorder: PhaseRecorder?

    init(
        _ jobs: [RestorePlan.Job], reader: MeasurementReader, sessions: RestorationSessions, isPatient: Bool, trace: TraceTable?,
        progress: ProgressLine?, notes: Notes, recorder: PhaseRecorder?
    ) {
        self.jobs = jobs
        self.reader = reader
        self.sessions = sessions
        self.trace = trace
        self.progress = progress
        self.notes = notes
        self.recorder = recorder
        queue = MeasurementQueue(
            jobs, sizeMultiple: { try sessions.restorer($0.key.prior).prior.sizeMultiple }, isPatient: isPatient)
        outcomes = RestoreOutcomes(jobs: jobs)
    }

    /// Restores all images, or those that end before a `StopSignal`.
    ///
    /// - Throws: `SolverError` for options that no image can be solved with.
    func run() throws {
        defer { progress?.finish() }
        do {
            while true {
                let group = try queue.nextGroup(read: read) { outcomes.fail($0, $1) }
                if group.isEmpty { return }
                try solve(group)
            }
        } catch let interruption as Interruption {
            outcomes.interruption = interruption
        }
    }

    private func read(_ job: RestorePlan.Job, _ number: Int) throws -> MeasurementFile {
        try Interruption.check()
        let reading = recorder?.begin(.reading)
        defer { reading?.end() }
        return try reader.read(job, number: number)
    }

    private func solve(_ group: [MeasurementFile]) throws {
        guard let first = group.first else { return }
        try sessions.session(first.key).restore(
            group.map(\.measurement),
            onProgress: { [trace, progress] iterate in
                progress?.update(iterate, image: group[iterate.measurement].number)
                try trace?.add(iterate, group[iterate.measurement])
            }, checkpoint: Interruption.check
        ) { [self] index, result in
            let file = group[index]
            do {
                try write(try result.get(), file)
            } catch {
                outcomes.fail(file.number, error)
            }
        }
    }

    /// Writes one image, unless its solve diverged.
    private func write(_ restored: RestoredImage, _ file: MeasurementFile) throws {
        let image = try file.output(of: restored.image)
        let error = restored.diverged.map { "diverged, nothing was written: \($0.diagnosis ?? "")" }
        if error == nil {
            let writing = recorder?.begin(.writing)
            defer { writing?.end() }
            try file.write(image, notes)
        }
        if !restored.isWeightSettled {
            notes.tell(shownInput(file.job.input), "the search for the weight ended before its rule was fulfilled")
        }
        let size = Problem.ImageSize(image.shape)
        if !sizes.contains(size) { sizes.append(size) }
        trace?.end(restored.trace, file)
        outcomes.add(
            file.number,
            RestoreReport.Result(
                input: file.job.input, output: error == nil ? file.job.output : nil, error: error, model: file.key.prior, restored: restored,
                quality: try file.truth.map { try Quality(of: try image.clipped(), truth: $0) }))
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
