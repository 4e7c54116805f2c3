#if canImport(Glibc)
    import Glibc
#endif

/// Records when each worker of a `Parallelism` was in which phase: the totals always, and each single event up to a limit.
///
/// Workers have a track each; track 0 is that of the thread that opens the regions, inside and outside of them. On a track events
/// nest: one lies within another or apart from it. A phase that is no group holds no other phase. Recording changes no result,
/// and allocates nothing but the memory of `eventLimit` events, at the start.
///
/// One recorder serves one caller at a time, and only the outer one of nested loops.
public final class PhaseRecorder: @unchecked Sendable {
    /// Tracks. What other workers do is not recorded.
    package let threads: Int
    /// Most events that are kept on a track: its first ones.
    package let eventsPerTrack: Int

    private var origin = PhaseRecorder.clock()
    // A track is written by one thread at a time, the one that is its worker, and read when no region is open.
    private let tracks: [Track]

    /// - Parameter eventLimit: the most events that are kept, of all tracks together.
    public init(threads: Int, eventLimit: Int = 1 << 19) {
        self.threads = max(1, threads)
        let limit = max(0, eventLimit) / self.threads
        eventsPerTrack = limit
        tracks = (0 ..< self.threads).map { _ in Track(capacity: limit) }
    }

    /// One stay of a worker in a phase; times in nanoseconds since the recorder began.
    package struct Event: Sendable {
        package let start: Int64
        package let duration: Int64
        package let phase: UInt8
        /// Which of several of the kind, such as the level of a flow; below 0 where there is one kind only.
        package let number: Int32
    }

    /// All stays of a worker in a phase.
    package struct Total: Sendable {
        package let phase: Phase
        package fileprivate(set) var calls = 0
        package fileprivate(set) var nanoseconds: Int64 = 0
    }

    /// A phase that has begun.
    package struct Span {
        fileprivate let recorder: PhaseRecorder
        fileprivate let phase: Phase
        fileprivate let number: Int
        fileprivate let worker: Int
        fileprivate let start: Int64

        package func end() {
            recorder.record(phase, number: number, worker: worker, from: start, to: recorder.nanoseconds)
        }
    }

    /// Begins a phase, which must end on the same worker, after all that began later on it.
    package func begin(_ phase: Phase, number: Int = -1, worker: Int = 0) -> Span {
        Span(recorder: self, phase: phase, number: number, worker: worker, start: nanoseconds)
    }

    /// Nanoseconds since the recorder began.
    package var nanoseconds: Int64 { Self.clock() - origin }

    /// Forgets everything and begins again.
    package func restart() {
        for track in tracks { track.clear() }
        origin = Self.clock()
    }

    /// The events of a worker in `0 ..< threads`, in the order in which they ended. Those that took no time are only in the totals.
    package func events(worker: Int) -> [Event] { tracks[worker].events }

    /// The totals of a worker in `0 ..< threads`, in the order of the phases' numbers.
    package func totals(worker: Int) -> [Total] { tracks[worker].totals.compactMap { $0 } }

    /// Events beyond the limit, which are only in the totals.
    package var droppedEvents: Int { tracks.reduce(0) { $0 + $1.dropped } }

    func record(_ phase: Phase, number: Int = -1, worker: Int, from start: Int64, to end: Int64) {
        guard worker < threads else { return }
        tracks[worker].add(
            phase,
            Event(
                start: start, duration: end - start, phase: phase.number, number: Int32(truncatingIfNeeded: number)))
    }

    /// What the calling thread did since its last event, or since `start` where that is later, was waiting.
    func recordWaiting(since start: Int64) {
        record(.waiting, worker: 0, from: max(start, tracks[0].lastEnd), to: nanoseconds)
    }

    private static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private final class Track {
        private let capacity: Int
        private(set) var events: [Event] = []
        /// By number of the phase.
        private(set) var totals = [Total?](repeating: nil, count: Int(UInt8.max) + 1)
        private(set) var dropped = 0
        private(set) var lastEnd: Int64 = 0

        init(capacity: Int) {
            self.capacity = capacity
            events.reserveCapacity(capacity)
        }

        func add(_ phase: Phase, _ event: Event) {
            var total = totals[Int(phase.number)] ?? Total(phase: phase)
            total.calls += 1
            total.nanoseconds += event.duration
            totals[Int(phase.number)] = total
            lastEnd = event.start + event.duration
            guard event.duration > 0 else { return }
            if events.count < capacity {
                events.append(event)
            } else {
                dropped += 1
            }
        }

        func clear() {
            events.removeAll(keepingCapacity: true)
            for index in totals.indices { totals[index] = nil }
            dropped = 0
            lastEnd = 0
        }
    }
}
