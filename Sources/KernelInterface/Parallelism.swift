/// How many threads share a loop, and the two ways to share: one loop, or a region of many short phases.
///
/// Tasks are handed out one by one, so a thread that starts late takes fewer of them. What a task computes must not depend
/// on the worker that runs it: then a result does not depend on `threads`.
///
/// A closure must be copied to the heap before another thread can have it. A `LoopBody` or a `RegionProgram` need not: given
/// one of these, a loop and a region allocate nothing, but for what libdispatch takes to wake its threads.
package struct Parallelism: Sendable {
    /// Threads that work at once, at least 1. The calling thread is one of them.
    package let threads: Int
    /// Says where the times of loops and regions are recorded; nil is nowhere.
    package let recorder: PhaseRecorder?

    package init(threads: Int, recorder: PhaseRecorder? = nil) {
        self.threads = max(1, threads)
        self.recorder = recorder
    }

    /// Runs `body(task, worker)` for each task in `0 ..< tasks`, and returns when all are done.
    ///
    /// `worker` is in `0 ..< threads`; two tasks that run at the same time have different workers, so scratch
    /// memory may be indexed by it. `phase` is the loop's name in a profile.
    package func forEach(_ tasks: Int, _ phase: Phase = .loop, _ body: (_ task: Int, _ worker: Int) -> Void) {
        withoutActuallyEscaping(body) { forEach(tasks, phase, LoopClosure(body: $0)) }
    }

    /// Runs `body.run(task:worker:)` for each task in `0 ..< tasks`, as above.
    package func forEach(_ tasks: Int, _ phase: Phase, _ body: some LoopBody) {
        let loop = Loop(tasks: tasks, phase: phase, body: body)
        guard min(threads, tasks) > 1 else {
            var team = Team(worker: 0, meeting: nil, recorder: recorder)
            loop.run(&team)
            return
        }
        region(nil, loop)
    }

    /// Runs `program` on every worker; its phases are shared among them.
    ///
    /// A pass through a flow has hundreds of phases of some microseconds each; waking threads for each of them would cost
    /// more than the work. In a region the threads are woken once and meet at the end of each phase. Every worker must run
    /// the same phases in the same order, with no effect outside of them. `group` names the whole in a profile.
    package func region(_ group: Phase? = nil, _ program: (inout Team) -> Void) {
        withoutActuallyEscaping(program) { region(group, RegionClosure(program: $0)) }
    }

    /// Runs `program.run(_:)` on every worker, as above.
    package func region(_ group: Phase?, _ program: some RegionProgram) {
        let span = group.flatMap { recorder?.begin($0) }
        defer { span?.end() }
        guard threads > 1 else {
            var team = Team(worker: 0, meeting: nil, recorder: recorder)
            program.run(&team)
            return
        }
        let began = recorder?.nanoseconds ?? 0
        withUnsafePointer(to: program) {
            Region(program: Borrowed(program: $0), group: group, recorder: recorder).run(threads: threads)
        }
        recorder?.recordWaiting(since: began)
    }
}

/// What a loop does.
package protocol LoopBody {
    func run(task: Int, worker: Int)
}

/// What every worker of a region does.
package protocol RegionProgram {
    func run(_ team: inout Team)
}

/// A loop is a program of one phase.
private struct Loop<Body: LoopBody>: RegionProgram {
    let tasks: Int
    let phase: Phase
    let body: Body

    func run(_ team: inout Team) {
        team.phase(tasks, phase) { task, worker in body.run(task: task, worker: worker) }
    }
}

private struct LoopClosure: LoopBody {
    let body: (_ task: Int, _ worker: Int) -> Void

    func run(task: Int, worker: Int) { body(task, worker) }
}

private struct RegionClosure: RegionProgram {
    let program: (inout Team) -> Void

    func run(_ team: inout Team) { program(&team) }
}
