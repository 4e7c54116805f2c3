import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Where the workers of a region stand: the phase, the next task of it, and how many tasks are done.
///
/// Nobody waits for a worker that has not come: the last task to end opens the next phase, whoever ran it. So a region ends
/// also when the system gives it fewer threads than it asked for.
final class Meeting: Sendable {
    /// Number of the phase in the upper half, next task of it in the lower half.
    let ticket = Atomic<UInt64>(0)
    let done = Atomic<Int>(0)
}

/// One worker's view of a region: see `Parallelism.region`.
public struct Team {
    private let worker: Int
    private let meeting: Meeting?
    private var phase: UInt64 = 0

    /// A worker without companions has no meeting.
    init(worker: Int, meeting: Meeting?) {
        self.worker = worker
        self.meeting = meeting
    }

    /// Shares the tasks `0 ..< tasks` with the other workers and returns when all of them are done.
    ///
    /// `body(task, worker)`: what it writes is visible to every worker in the next phase.
    public mutating func phase(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
        guard let meeting else {
            for task in 0 ..< max(0, tasks) { body(task, 0) }
            return
        }
        guard tasks > 0 else { return }
        let phase = self.phase
        self.phase += 1
        var spins = 0
        while true {
            let ticket = meeting.ticket.load(ordering: .acquiring)
            guard ticket >> 32 == phase else { return }
            let task = Int(ticket & 0xffff_ffff)
            if task < tasks {
                let taken = meeting.ticket.compareExchange(
                    expected: ticket, desired: ticket + 1, ordering: .acquiringAndReleasing)
                guard taken.exchanged else { continue }
                body(task, worker)
                if meeting.done.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == tasks {
                    meeting.done.store(0, ordering: .relaxed)
                    meeting.ticket.store((phase + 1) << 32, ordering: .releasing)
                    return
                }
            } else {
                spins += 1
                // The others are within microseconds of the end, unless the system took their core away.
                if spins > 4096 { sched_yield() }
            }
        }
    }
}
