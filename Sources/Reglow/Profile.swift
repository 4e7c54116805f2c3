import KernelInterface

/// Says where the time of a recorded run went: a summary of what a `PhaseRecorder` has.
///
///     let recorder = PhaseRecorder(threads: 2)
///     let restorer = Restorer(prior: prior, threads: 2, recorder: recorder)
///     let restored = try restorer.restore(measurements, problem: problem)
///     let profile = Profile(recorder)
///     try ChromeTrace.write(recorder, to: "trace.json", process: "my job")
///
/// Times are those of the calling thread, which waits for the others and so spends all of the time: its phases and
/// `secondsBetweenPhases` add up to `seconds`.
public struct Profile: Codable, Sendable {
    /// Seconds since the recorder began, or in the group that the profile is of.
    public let seconds: Double
    /// The threads of the recorder.
    public let threads: Int
    /// Phases that hold no others, the longest first.
    public let phases: [Row]
    /// Waking threads, and whatever else has no name.
    public let secondsBetweenPhases: Double
    /// Phases that hold others, whose time is also theirs; the longest first.
    public let groups: [Row]
    /// Events beyond the recorder's limit: they are in the times here, but not in a trace.
    public let droppedEvents: Int

    /// One phase: its name, and the time in it.
    public struct Row: Codable, Sendable {
        /// The name of the phase.
        public let phase: String
        /// How often the calling thread was in the phase.
        public let calls: Int
        /// The time of the calling thread in the phase.
        public let seconds: Double
        /// The part of the profile's `seconds`, in percent.
        public let percent: Double
        /// Seconds in the phase on all other threads together.
        public let secondsOfOtherThreads: Double
    }

    /// Sums up all that was recorded.
    public init(_ recorder: PhaseRecorder) { self.init(recorder, of: nil) }

    /// - Parameter group: the profile is of the time in this phase alone. All that was recorded has to lie within it.
    package init(_ recorder: PhaseRecorder, of group: Phase?) {
        let caller = recorder.totals(worker: 0)
        var others = [Int64](repeating: 0, count: Int(UInt8.max) + 1)
        for worker in 1 ..< max(1, recorder.threads) {
            for total in recorder.totals(worker: worker) { others[Int(total.phase.number)] += total.nanoseconds }
        }
        let all =
            if let group { caller.first { $0.phase.number == group.number }?.nanoseconds ?? 0 } else { recorder.nanoseconds }
        func rows(areGroups: Bool) -> [Row] {
            caller.filter { $0.phase.isGroup == areGroups }.sorted { $0.nanoseconds > $1.nanoseconds }.map { total in
                Row(
                    phase: "\(total.phase.name)", calls: total.calls, seconds: 1e-9 * Double(total.nanoseconds),
                    percent: all > 0 ? 100 * Double(total.nanoseconds) / Double(all) : 0,
                    secondsOfOtherThreads: 1e-9 * Double(others[Int(total.phase.number)]))
            }
        }
        seconds = 1e-9 * Double(all)
        threads = recorder.threads
        phases = rows(areGroups: false)
        secondsBetweenPhases = seconds - phases.reduce(0) { $0 + $1.seconds }
        groups = rows(areGroups: true)
        droppedEvents = recorder.droppedEvents
    }
}
