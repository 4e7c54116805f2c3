import Dispatch
import Files
import Imaging
import InverseSolvers
import KernelDispatch
import KernelInterface
import Synchronization

/// One run of a job: a thread reads ahead, the calling thread solves, another writes.
final class JobRun: @unchecked Sendable {
    /// Solves that were shorter are not worth a checkpoint when the job is stopped.
    static let leastSavedSeconds = 2.0
    /// Results that wait for the writer, at most.
    private static let mostUnwritten = 32

    let list: JobList
    let folder: JobFolder
    let options: JobOptions
    let scan: JobScan
    let restorers: RestorerCache
    let engine: JobRecord.Engine
    let isStopped: @Sendable () -> Bool
    let onEvent: @Sendable (JobEvent) -> Void

    let queue = JobQueue()
    let writing = DispatchQueue(label: "reglow.job.writing")
    let unwritten = DispatchSemaphore(value: JobRun.mostUnwritten)
    let state = Mutex(State())
    let began = ContinuousClock.now
    let indices: [Int]

    // Of the calling thread.
    var sessions: [SessionKey: RestorationSession] = [:]
    var roots: [RestorerCache.Key: RestorationSession] = [:]
    var inFlight: [Int: PreparedJob] = [:]
    /// Images whose checkpoint was of no use, which begin anew.
    var again: [PreparedJob] = []

    struct State {
        var counts = JobCounts()
        /// What keeps outputs from being written.
        var fault: (any Error)?
        var isOutOfFailures = false
    }

    struct SessionKey: Hashable {
        let restorer: RestorerCache.Key
        let settings: Int
        let noise: RegularizationRule.NoiseLevel
    }

    /// Ends the solver's work before its end.
    struct Halt: Error {}

    /// - Throws: `JobFolderError`, `FileError`.
    init(
        _ list: JobList, _ folder: String, _ options: JobOptions, isStopped: @escaping @Sendable () -> Bool,
        onEvent: @escaping @Sendable (JobEvent) -> Void
    ) throws {
        var list = list
        list.limit(seconds: options.secondsPerImage)
        try list.validateOutputs()
        self.list = list
        self.options = options
        self.isStopped = isStopped
        let lock = Mutex(())
        self.onEvent = { event in lock.withLock { _ in onEvent(event) } }
        scan = try JobScan(list, folder: folder)
        self.folder = try JobFolder(
            folder, identity: options.identity, notes: options.notes, shard: options.shard, outputs: list.jobs.lazy.map(\.output))
        indices = try self.folder.jobs(of: options.shard, count: list.jobs.count, key: { list.key }, costs: list.costs)
        restorers = RestorerCache(threads: options.threads)
        engine = JobRecord.Engine(
            version: reglowVersion, isa: try InstructionSet.selected().rawValue, processor: processorName(),
            threads: options.threads ?? ThreadCount.available())
    }

    func run() throws -> (end: JobEnd, counts: JobCounts) {
        let todo = try prepare()
        onEvent(.began(counts))
        let reading = DispatchGroup()
        DispatchQueue.global().async(group: reading) { [self] in
            readAll(todo)
            queue.complete()
        }
        let solved = Result { try solveAll() }
        queue.close()
        reading.wait()
        writing.sync {}
        sessions = [:]
        roots = [:]
        if let fault = state.withLock({ $0.fault }) { throw fault }
        if case .failure(let error) = solved, !(error is Halt) { throw error }
        let isAll = counts.left == 0
        let end: JobEnd =
            state.withLock { $0.isOutOfFailures } ? .failures : isAll ? .all : isTimeUp ? .time : .stopped
        onEvent(.finished(end, counts))
        return (end, counts)
    }

    var counts: JobCounts { state.withLock { $0.counts } }
    var isTimeUp: Bool { began.duration(to: .now) / .seconds(1) >= options.totalSeconds }
    var isHalted: Bool { isStopped() || state.withLock { $0.fault != nil || $0.isOutOfFailures } }

    /// Looks at what is there already, and returns what is to be done.
    private func prepare() throws -> [Int] {
        let states = try scan.states(of: indices, threads: engine.threads)
        var counts = JobCounts()
        counts.total = indices.count
        var todo: [Int] = []
        for (place, index) in indices.enumerated() {
            switch states[place].state {
            case .done: counts.doneBefore += 1
            case .failed where !options.retriesFailed: counts.failedBefore += 1
            case .todo, .failed: todo.append(index)
            }
            guard var note = states[place].note else { continue }
            if let obstacle = states[place].obstacle { note += "; it is kept as \(fileName(of: try folder.moveAside(obstacle)))" }
            onEvent(.note(about: list.jobs[index].output, text: note))
        }
        state.withLock { $0.counts = counts }
        return todo
    }
}
