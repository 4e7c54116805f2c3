import Dispatch
import Synchronization

/// How many threads share a loop, and the loop itself.
///
/// The tasks of a loop are handed out one by one, so a thread that starts late takes fewer of them. What a task
/// computes must not depend on the worker that runs it: then a result does not depend on `threads`.
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
    @inlinable
    public func forEach(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
        let workers = min(threads, tasks)
        if workers <= 1 {
            for task in 0 ..< max(0, tasks) { body(task, 0) }
            return
        }
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            while true {
                let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if task >= tasks { break }
                body(task, worker)
            }
        }
    }
}
