import Files
import InverseSolvers
import KernelDispatch

/// The thread that solves: the one that called.
extension JobRun {
    func solveAll() throws {
        while let first = queue.first() {
            if isTimeUp { return }
            if isHalted { throw Halt() }
            let restorer = try restorers.restorer(first.group.restorer)
            let settings = list.settings[list.settingsIndex(first.index)]
            let plan: (most: Int, windows: WindowGrid?)
            do {
                plan = try self.plan(first, restorer, settings)
            } catch {
                if let job = queue.next(of: first.group, mayWait: false) { fail(job.index, error, job.notes) }
                continue
            }
            if let grid = plan.windows {
                if let job = queue.next(of: first.group, mayWait: false) { try solve(job, in: grid) }
            } else {
                try solve(first.group, most: plan.most)
            }
        }
        if isHalted { throw Halt() }
    }

    /// How many images of a group fit into the memory at once, or the windows of one that does not fit alone.
    private func plan(
        _ job: PreparedJob, _ restorer: Restorer, _ settings: RestorationSettings
    ) throws -> (most: Int, windows: WindowGrid?) {
        let limit = MemoryLimit.bytes(asked: options.memory, threads: engine.threads)
        var most = min(restorer.options.maximumBatch, Restorer.largestBatch(ofPixels: job.group.canvas.pixels))
        while true {
            let plan = try RestorationPlanner(restorer, problem: settings.problem).plan(
                job.file.measurement.shape, lacksSome: true, images: most, resident: AvailableMemory.resident().now, limit: limit)
            if plan.windows == nil || most == 1 { return (most, plan.windows) }
            most /= 2
        }
    }

    /// Sessions that are kept, with what their problems need.
    private static var mostSessions: Int { 64 }

    private func session(_ job: PreparedJob) throws -> RestorationSession {
        let index = list.settingsIndex(job.index)
        let key = SessionKey(restorer: job.group.restorer, settings: index, noise: job.file.key.noise)
        if let session = sessions[key] { return session }
        let settings = list.settings[index]
        let rule = settings.rule(job.file.key.noise)
        let root =
            try roots[key.restorer] ?? RestorationSession(restorers.restorer(key.restorer), problem: settings.problem, regularization: rule)
        roots[key.restorer] = root
        let session = root.session(for: settings.problem, rule, start: settings.start, options: settings.solver)
        // A long list may have a noise level for each image.
        if sessions.count >= Self.mostSessions { sessions = [:] }
        sessions[key] = session
        return session
    }

    /// Solves the images of a group, and those that join it while it is solved.
    private func solve(_ group: PreparedJob.Group, most: Int) throws {
        guard let solver = try queue.first().map({ try session($0).solver }) else { return }
        var events = RestorationStream.Events(
            onProgress: { [onEvent] in
                onEvent(.evaluated(index: $0.measurement, evaluation: $0.entry.evaluation, objective: $0.entry.objective))
            },
            checkpoint: { [self] in if isHalted { throw Halt() } },
            onEnd: { [self] index, result in
                guard let job = inFlight.removeValue(forKey: index) else { return }
                switch result {
                case .success(let restored): deliver(job, SolvedJob(restored))
                case .failure(let error):
                    if let fresh = begunAnew(job, after: error.reason) { again.append(fresh) } else { fail(index, error.reason, job.notes) }
                }
            })
        events.isTimeUp = { [self] in isTimeUp }
        events.saveSeconds = options.checkpointSeconds > 0 ? options.checkpointSeconds : .infinity
        events.onSave = { [self] index, seconds, state in
            guard let job = inFlight[index], seconds >= min(Self.leastSavedSeconds, options.checkpointSeconds) else { return }
            save(job, state())
        }
        try RestorationStream(solver, canvas: group.canvas, most: most).run(events) { [self] mayWait in
            while !isTimeUp, let job = again.popLast() ?? queue.next(of: group, mayWait: mayWait) {
                do {
                    var posed = try session(job).pose(job.file.measurement, job.index)
                    posed.state = state(of: job)
                    inFlight[job.index] = job
                    return posed
                } catch {
                    fail(job.index, error, job.notes)
                }
            }
            return nil
        }
    }

    /// What an earlier process left of the solve of an image; nil where that was nothing, or nothing that can be used.
    private func state(of job: PreparedJob) -> SolveState? {
        guard let owner = job.checkpoint else { return nil }
        let name = job.file.job.output
        let state = try? JobCheckpoint.read(folder.checkpoint(of: name), for: owner)
        job.notes.tell(name, state == nil ? "its checkpoint is of another solve, or damaged: begun anew" : "goes on from its checkpoint")
        return state
    }

    /// The same image without the state that it could not go on from; nil where that was not the fault.
    private func begunAnew(_ job: PreparedJob, after error: any Error) -> PreparedJob? {
        guard job.checkpoint != nil, error is SolveStateError else { return nil }
        job.notes.tell(job.file.job.output, "its checkpoint is damaged: begun anew")
        var fresh = job
        fresh.checkpoint = nil
        return fresh
    }

    /// Solves one image in windows.
    private func solve(_ job: PreparedJob, in grid: WindowGrid) throws {
        var saved = ContinuousClock.now
        do {
            let windows = try WindowedRestoration(try session(job), job.file.measurement, grid)
            let restored = try windows.run(
                from: state(of: job),
                onProgress: { [onEvent] in
                    onEvent(.evaluated(index: job.index, evaluation: $1.entry.evaluation, objective: $1.entry.objective))
                },
                checkpoint: { [self] in if isHalted { throw Halt() } }, isTimeUp: { [self] in isTimeUp },
                onState: { [self] state in
                    guard saved.duration(to: .now) / .seconds(1) >= min(options.checkpointSeconds, Self.windowSeconds) else { return }
                    save(job, state())
                    saved = .now
                })
            deliver(job, SolvedJob(restored))
        } catch let halt as Halt {
            throw halt
        } catch {
            if let fresh = begunAnew(job, after: error) { return try solve(fresh, in: grid) }
            fail(job.index, error, job.notes)
        }
    }

    /// Seconds between two checkpoints of a picture in windows, at most: a window that is cut short begins anew.
    private static var windowSeconds: Double { 30 }

    /// A state that cannot be written is told, and ends nothing: the outputs are what counts.
    private func save(_ job: PreparedJob, _ state: SolveState) {
        guard options.checkpointSeconds > 0 else { return }
        do {
            let digest = try scan.options(of: job.index).digest
            try JobCheckpoint.write(
                state, of: owner(digest, job.inputSha256, job.group.restorer), to: folder.checkpoint(of: job.file.job.output),
                folder.durability)
        } catch {
            onEvent(.note(about: job.file.job.output, text: "no checkpoint could be written: \(error)"))
        }
    }
}
