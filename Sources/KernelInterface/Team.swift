import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Says where the workers of a region stand: the phase, the tasks of it that are taken, and how many are done.
///
/// Nobody waits for a worker that has not come: the last task to end opens the next phase, whoever ran it. So a region ends
/// also when the system gives it fewer threads than it asked for.
struct Meeting: ~Copyable, Sendable {
    /// A `Ticket`.
    let ticket = Atomic<UInt64>(0)
    let done = Atomic<Int>(0)
}

/// What is taken of a phase: workers of even number take its tasks from the front, the others from the back. So a thread works
/// on the same pixels from phase to phase as long as all keep pace, and finds them in its own cache.
private struct Ticket {
    static let countBits: UInt64 = 23
    /// Most tasks that can be counted.
    static let limit = 1 << Int(countBits) - 1

    let bits: UInt64

    /// The number of the phase, as far as the bits left for it go: a worker would have to be 2^18 phases late to mistake it.
    static func phase(_ number: UInt64) -> UInt64 { number << (2 * countBits) }
    var phase: UInt64 { bits & ~(1 << (2 * Self.countBits) - 1) }

    var front: Int { Int(bits & UInt64(Self.limit)) }
    var back: Int { Int(bits >> Self.countBits & UInt64(Self.limit)) }

    /// The next task for a worker out of `tasks`, and the ticket with it taken.
    func next(of tasks: Int, worker: Int) -> (task: Int, taken: UInt64)? {
        guard front + back < tasks else { return nil }
        return worker % 2 == 0 ? (front, bits + 1) : (tasks - 1 - back, bits + 1 << Self.countBits)
    }
}

/// One worker's view of a region: see `Parallelism.region`.
package struct Team {
    private let worker: Int
    private let meeting: UnsafePointer<Meeting>?
    private let recorder: PhaseRecorder?
    private var phase: UInt64 = 0

    /// A worker without companions has no meeting.
    init(worker: Int, meeting: UnsafePointer<Meeting>?, recorder: PhaseRecorder?) {
        self.worker = worker
        self.meeting = meeting
        self.recorder = recorder
    }

    /// Shares the tasks `0 ..< tasks` with the other workers and returns when all of them are done.
    ///
    /// `body(task, worker)`: what it writes is visible to every worker in the next phase. `phase` is its name in a profile.
    package mutating func phase(_ tasks: Int, _ phase: Phase = .loop, _ body: (_ task: Int, _ worker: Int) -> Void) {
        guard tasks > 0 else { return }
        guard let recorder else {
            share(tasks, body)
            return
        }
        let began = recorder.nanoseconds
        var ended = began
        let waited = share(tasks) { task, worker in
            body(task, worker)
            ended = recorder.nanoseconds
        }
        recorder.record(phase, worker: worker, from: began, to: ended)
        if waited { recorder.record(.waiting, worker: worker, from: ended, to: recorder.nanoseconds) }
    }

    /// Shares the tasks `0 ..< tasks` as above, where they are of two kinds: `body` returns of which one its task was. A profile gets what the
    /// worker spent on each kind, one after the other.
    package mutating func phase(
        _ tasks: Int, _ first: Phase, _ second: Phase, _ body: (_ task: Int, _ worker: Int) -> Phase
    ) {
        guard tasks > 0 else { return }
        guard let recorder else {
            share(tasks) { task, worker in _ = body(task, worker) }
            return
        }
        let began = recorder.nanoseconds
        var (ended, onFirst) = (began, Int64(0))
        let waited = share(tasks) { task, worker in
            let phase = body(task, worker)
            let now = recorder.nanoseconds
            if phase.number == first.number { onFirst += now - ended }
            ended = now
        }
        recorder.record(first, worker: worker, from: began, to: began + onFirst)
        recorder.record(second, worker: worker, from: began + onFirst, to: ended)
        if waited { recorder.record(.waiting, worker: worker, from: ended, to: recorder.nanoseconds) }
    }

    /// Begins a group of phases in the worker's record, where there is one.
    package func begin(_ group: Phase, number: Int) -> PhaseRecorder.Span? {
        recorder?.begin(group, number: number, worker: worker)
    }

    /// Returns whether the last task was another worker's.
    @discardableResult
    private mutating func share(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) -> Bool {
        guard let meeting else {
            for task in 0 ..< tasks { body(task, 0) }
            return false
        }
        // More tasks than a ticket counts are taken several at a time.
        let grain = (tasks + Ticket.limit - 1) / Ticket.limit
        guard grain <= 1 else {
            return share((tasks + grain - 1) / grain) { group, worker in
                for task in group * grain ..< min(tasks, (group + 1) * grain) { body(task, worker) }
            }
        }
        let phase = Ticket.phase(self.phase)
        self.phase += 1
        var spins = 0
        while true {
            let ticket = Ticket(bits: meeting.pointee.ticket.load(ordering: .acquiring))
            guard ticket.phase == phase else { return true }
            if let next = ticket.next(of: tasks, worker: worker) {
                let exchange = meeting.pointee.ticket.compareExchange(
                    expected: ticket.bits, desired: next.taken, ordering: .acquiringAndReleasing)
                guard exchange.exchanged else { continue }
                body(next.task, worker)
                if meeting.pointee.done.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == tasks {
                    meeting.pointee.done.store(0, ordering: .relaxed)
                    meeting.pointee.ticket.store(Ticket.phase(self.phase), ordering: .releasing)
                    return false
                }
            } else {
                spins += 1
                // The others are within microseconds of the end, unless the system took their core away.
                if spins > 4096 { sched_yield() }
            }
        }
    }
}
