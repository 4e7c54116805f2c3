/// How many threads share a loop, and the two ways to share: one loop, or a region of many short phases.
///
/// Tasks are handed out one by one, so a thread that starts late takes fewer of them. What a task computes must not depend
/// on the worker that runs it: then a result does not depend on `threads`.
///
/// A closure must be copied to the heap before another thread can have it. A `LoopBody` or a `RegionProgram` need not: given
/// one of these, a loop and a region allocate nothing, but for what libdispatch takes to wake its threads.
public struct Parallelism: Sendable, Hashable {
    /// Threads that work at once, at least 1. The calling thread is one of them.
    public let threads: Int

    public init(threads: Int) {
        self.threads = max(1, threads)
    }

    /// Runs `body(task, worker)` for each task in `0 ..< tasks`, and returns when all are done.
    ///
    /// `worker` is in `0 ..< threads`; two tasks that run at the same time have different workers, so scratch
    /// memory may be indexed by it.
    public func forEach(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
        withoutActuallyEscaping(body) { forEach(tasks, LoopClosure(body: $0)) }
    }

    /// Runs `body.run(task:worker:)` for each task in `0 ..< tasks`, as above.
    public func forEach(_ tasks: Int, _ body: some LoopBody) {
        guard min(threads, tasks) > 1 else {
            for task in 0 ..< max(0, tasks) { body.run(task: task, worker: 0) }
            return
        }
        region(Loop(tasks: tasks, body: body))
    }

    /// Runs `program` on every worker; its phases are shared among them.
    ///
    /// A pass through a flow has hundreds of phases of some microseconds each; waking threads for each of them would cost
    /// more than the work. In a region the threads are woken once and meet at the end of each phase. Every worker must run
    /// the same phases in the same order, with no effect outside of them.
    public func region(_ program: (inout Team) -> Void) {
        withoutActuallyEscaping(program) { region(RegionClosure(program: $0)) }
    }

    /// Runs `program.run(_:)` on every worker, as above.
    public func region(_ program: some RegionProgram) {
        guard threads > 1 else {
            var team = Team(worker: 0, meeting: nil)
            program.run(&team)
            return
        }
        withUnsafePointer(to: program) { Region(program: Borrowed(program: $0)).run(threads: threads) }
    }
}

/// What a loop does.
public protocol LoopBody {
    func run(task: Int, worker: Int)
}

/// What every worker of a region does.
public protocol RegionProgram {
    func run(_ team: inout Team)
}

/// A loop is a program of one phase.
private struct Loop<Body: LoopBody>: RegionProgram {
    let tasks: Int
    let body: Body

    func run(_ team: inout Team) {
        team.phase(tasks) { task, worker in body.run(task: task, worker: worker) }
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
