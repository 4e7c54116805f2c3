import Dispatch
import InverseSolvers
import Synchronization

/// How a job is run.
public struct JobOptions: Sendable {
    /// The part of the job that this process does.
    public var shard = Shard.whole
    /// How many threads work at once; nil is what the machine and its cgroup offer.
    public var threads: Int?
    /// The most bytes that the process may take; nil is what the machine and its cgroup leave. It decides how many images are solved at once.
    public var memory: Int?
    /// Seconds between two checkpoints of an image; infinite makes none but when the job is stopped.
    public var checkpointSeconds = 300.0
    /// Wall time of each image, at the end of which its best point is written and marked.
    public var secondsPerImage = Double.infinity
    /// Wall time of the whole call, at the end of which the best points are written and marked, and no image is begun.
    public var totalSeconds = Double.infinity
    /// The job ends when so many images have failed in this call.
    public var mostFailures = Int.max
    /// Whether images that failed in an earlier call are tried again.
    public var retriesFailed = false
    /// What makes the job this one, beside its settings: where its list comes from, for example.
    public var identity: [String: String] = [:]
    /// What a later caller, who only knows the folder, is told of the job.
    public var notes: [String: String] = [:]

    /// The standard options.
    public init() {}
}

/// What became of one image of a job.
public struct JobOutcome: Sendable {
    /// Its place in the list.
    public let index: Int
    /// The image.
    public let job: RestorationJob
    /// Why it failed; nil where it was restored.
    public let error: String?
    /// Whether its solve ended by itself, not because time or evaluations were used up.
    public let isComplete: Bool
    /// Evaluations and seconds of its solves.
    public let (evaluations, seconds): (Int, Double)
    /// One line about how it was solved; empty for an image that was not.
    public let text: String
    /// What was to be told of it.
    package let notes: [Notes.Note]
}

/// Why a run ended.
public enum JobEnd: Sendable, Equatable {
    /// All images were looked at.
    case all
    /// The caller asked for it.
    case stopped
    /// `JobOptions.totalSeconds` have passed.
    case time
    /// `JobOptions.mostFailures` images have failed.
    case failures
}

/// What is heard of a job while it runs.
public enum JobEvent: Sendable {
    /// The folder was looked at, and work begins.
    case began(JobCounts)
    /// Something to be told about a thing, most often a file.
    case note(about: String, text: String)
    /// The image of this place in the list has come so far.
    case evaluated(index: Int, evaluation: Int, objective: Double)
    /// An image and its record are on the disk.
    case ended(JobOutcome, JobCounts)
    /// The run has ended.
    case finished(JobEnd, JobCounts)
}

/// Restores the images of a job into a folder, so that nothing that was done is ever lost.
///
///     var jobs = JobList([RestorationJob(input: "in/1.png", output: "1.png")], settings: RestorationSettings(problem: .denoise))
///     for try await event in JobRunner(jobs, folder: "out").events() {
///         if case .ended(let outcome, let counts) = event { print(counts.done, "of", counts.total, outcome.job.output) }
///     }
///
/// Images of one prior and canvas are solved together; one that ends is written at once, and the next takes its place. Reading, solving and
/// writing go on side by side. Beside each image stands a JSON record. A run over a folder that has some of the images does the others: after a
/// kill, a power cut or a full disk it goes on where it was, and long solves from their last checkpoint, to the same bytes. An image that fails
/// ends no other, and changes none.
public struct JobRunner: Sendable {
    private let list: JobList
    private let folder: String
    private let options: JobOptions

    /// Makes a runner; nothing is read or written yet.
    ///
    /// - Parameters:
    ///   - list: the images.
    ///   - folder: where outputs and records go; it is made where it is missing.
    ///   - options: how the job is run.
    public init(_ list: JobList, folder: String, options: JobOptions = JobOptions()) {
        (self.list, self.folder, self.options) = (list, folder, options)
    }

    /// Runs the job on the calling thread.
    ///
    /// - Parameters:
    ///   - isStopped: asked before each evaluation: whether to end, with checkpoints of what is unfinished.
    ///   - onEvent: hears what happens, on one thread at a time, not always the calling one.
    /// - Returns: why it ended, and how far it is.
    /// - Throws: `JobFolderError` for a folder of another job, or one that another process works on; `FileError` for outputs that cannot be
    ///   written, a full disk for example: what was done is whole, and another run goes on.
    @discardableResult
    public func run(
        isStopped: @escaping @Sendable () -> Bool = { false }, onEvent: @escaping @Sendable (JobEvent) -> Void = { _ in }
    ) throws -> (end: JobEnd, counts: JobCounts) {
        try JobRun(list, folder, options, isStopped: isStopped, onEvent: onEvent).run()
    }

    /// Runs the job on threads that are not those of Swift's concurrency. The run stops, with checkpoints, where the task that iterates is
    /// cancelled or the loop is left.
    public func events() -> AsyncThrowingStream<JobEvent, any Error> {
        AsyncThrowingStream { continuation in
            let isLeft = LeftLoop()
            continuation.onTermination = { _ in isLeft.value.store(true, ordering: .relaxed) }
            DispatchQueue.global().async {
                do {
                    try run(isStopped: { isLeft.value.load(ordering: .relaxed) }, onEvent: { continuation.yield($0) })
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
        }
    }
}

extension JobRunner {
    /// What the options of a job noted in its folder; nil where that is of no job.
    ///
    /// - Throws: `JobFolderError`, `FileError`.
    public static func notes(ofFolder folder: String) throws -> [String: String]? { try JobFolder.notes(of: folder) }

    /// How a list would be divided: how many images have each problem, and each shard's images and part of the work.
    ///
    /// - Throws: `JobFolderError` for outputs that cannot be; `FileError` for a prior or a mask that cannot be read.
    package static func plan(_ list: JobList, shards: Int) throws -> (problems: [String: Int], images: [Int], work: [Double]) {
        try list.validateOutputs()
        let names = try list.settings.map { try $0.options { _ in "" }["problem"] ?? "" }
        var counts = [Int](repeating: 0, count: names.count)
        for index in list.jobs.indices { counts[list.settingsIndex(index)] += 1 }
        let problems = Dictionary(zip(names, counts), uniquingKeysWith: +)
        guard shards > 1 else { return (problems, [list.jobs.count], [1]) }
        let costs = list.costs()
        let plan = ShardPlan(costs: costs, count: shards)
        var images = [Int](repeating: 0, count: shards)
        var work = [Double](repeating: 0, count: shards)
        for (index, shard) in plan.shards.enumerated() {
            images[Int(shard)] += 1
            work[Int(shard)] += costs[index]
        }
        let total = max(costs.reduce(0, +), .leastNormalMagnitude)
        return (problems, images, work.map { $0 / total })
    }
}

/// Whether the loop over events was left.
private final class LeftLoop: Sendable {
    let value = Atomic(false)
}
