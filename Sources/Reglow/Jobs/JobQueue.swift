import Dispatch
import KernelInterface
import Synchronization

/// A measurement that was read and waits for the solver.
package struct PreparedJob: Sendable {
    /// Its place in the list.
    package let index: Int
    package let file: MeasurementFile
    package let group: Group
    package let inputSha256: String
    package let inputBytes: Int
    /// What a checkpoint must be of, where an earlier process left one.
    package var checkpoint: JobCheckpoint.Owner?
    /// What its record will say.
    package let notes: Notes

    /// Images that are solved together.
    package struct Group: Hashable {
        package let restorer: RestorerCache.Key
        package let canvas: ImageShape

        package init(restorer: RestorerCache.Key, canvas: ImageShape) { (self.restorer, self.canvas) = (restorer, canvas) }
    }

    package init(
        index: Int, file: MeasurementFile, group: Group, inputSha256: String, inputBytes: Int, checkpoint: JobCheckpoint.Owner?,
        notes: Notes
    ) {
        (self.index, self.file, self.group, self.inputSha256) = (index, file, group, inputSha256)
        (self.inputBytes, self.checkpoint, self.notes) = (inputBytes, checkpoint, notes)
    }
}

/// The measurements that wait for the solver: read ahead of it by another thread, so that those of one canvas are solved together, but never
/// all of them.
package final class JobQueue: Sendable {
    /// What is read ahead at most: files, and pixels of them all, unless one alone has more.
    private static let (mostFiles, mostPixels) = (256, 1 << 20)

    private struct State {
        package var waiting: [PreparedJob] = []
        package var pixels = 0
        package var isComplete = false
        package var isClosed = false
    }

    private let state = Mutex(State())
    /// Signalled when something has come, and when something has gone.
    private let (arrivals, departures) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))

    package init() {}

    /// Adds a measurement, after waiting for room.
    ///
    /// - Returns: whether more are wanted.
    package func add(_ job: PreparedJob) -> Bool {
        let pixels = job.file.imageSize.pixels
        while true {
            let isAdded: Bool? = state.withLock { state in
                if state.isClosed { return nil }
                guard state.waiting.isEmpty || (state.waiting.count < Self.mostFiles && state.pixels + pixels <= Self.mostPixels) else {
                    return false
                }
                state.waiting.append(job)
                state.pixels += pixels
                return true
            }
            guard let isAdded else { return false }
            if isAdded {
                arrivals.signal()
                return true
            }
            departures.wait()
        }
    }

    /// No more will come.
    package func complete() {
        state.withLock { $0.isComplete = true }
        arrivals.signal()
    }

    /// No more are wanted.
    package func close() {
        state.withLock { $0.isClosed = true }
        departures.signal()
        arrivals.signal()
    }

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The measurement that has waited longest, which stays; waits for one. Nil where none will come.
    package func first() -> PreparedJob? {
        while true {
            let (first, isOver) = state.withLock { ($0.waiting.first, $0.isComplete || $0.isClosed) }
            if let first { return first }
            if isOver { return nil }
            arrivals.wait()
        }
    }

    /// The next measurement of a group. Where none is there: nil, unless it may wait, none of another group is there, and more will come.
    package func next(of group: PreparedJob.Group, mayWait: Bool) -> PreparedJob? {
        while true {
            let (job, waits): (PreparedJob?, Bool) = state.withLock { state in
                if state.isClosed { return (nil, false) }
                guard let place = state.waiting.firstIndex(where: { $0.group == group }) else {
                    return (nil, mayWait && state.waiting.isEmpty && !state.isComplete)
                }
                let job = state.waiting.remove(at: place)
                state.pixels -= job.file.imageSize.pixels
                return (job, false)
            }
            if job != nil { departures.signal() }
            guard waits else { return job }
            arrivals.wait()
        }
    }
}
