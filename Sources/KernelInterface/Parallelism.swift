import Dispatch

/// How many threads share a loop, and the two ways to share: one loop, or a region of many short phases.
///
/// Tasks are handed out one by one, so a thread that starts late takes fewer of them. What a task computes must not depend
/// on the worker that runs it: then a result does not depend on `threads`.
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
        guard min(threads, tasks) > 1 else {
            for task in 0 ..< max(0, tasks) { body(task, 0) }
            return
        }
        region { team in team.phase(tasks, body) }
    }

    /// Runs `program` on every worker; its phases are shared among them.
    ///
    /// A pass through a flow has hundreds of phases of some microseconds each; waking threads for each of them would cost
    /// more than the work. In a region the threads are woken once and meet at the end of each phase. Every worker must run
    /// the same phases in the same order, with no effect outside of them.
    public func region(_ program: (inout Team) -> Void) {
        guard threads > 1 else {
            var team = Team(worker: 0, meeting: nil)
            program(&team)
            return
        }
        let meeting = Meeting()
        DispatchQueue.concurrentPerform(iterations: threads) { worker in
            var team = Team(worker: worker, meeting: meeting)
            program(&team)
        }
    }
}
