import ArgumentParser
import Glibc
import Reglow

/// What a call of `reglow batch` reports that did a part of its job.
struct BatchReport: Encodable {
    struct Failure: Encodable {
        let input: String
        let reason: String
    }

    let shard: String
    let total: Int
    let doneBefore: Int
    let failedBefore: Int
    let done: Int
    let incomplete: Int
    let left: Int
    let failed: [Failure]
    /// Why the call ended: all, time, stopped, failures.
    let end: String

    init(_ counts: JobCounts, _ end: JobEnd, _ shard: Shard, _ failed: [Failure]) {
        self.shard = "\(shard)"
        (total, doneBefore, failedBefore) = (counts.total, counts.doneBefore, counts.failedBefore)
        (done, incomplete, left) = (counts.done, counts.incomplete, counts.left)
        self.failed = failed
        self.end = "\(end)"
    }

    func text(folder: String) -> String {
        var parts = ["\(done + doneBefore) of \(total) images restored"]
        if doneBefore > 0 { parts.append("\(doneBefore) of them before this call") }
        if incomplete > 0 { parts.append("\(incomplete) cut short") }
        if failed.count + failedBefore > 0 { parts.append("\(failed.count + failedBefore) failed") }
        if left > 0 { parts.append("\(left) left") }
        return "\(folder)\(shard == "1/1" ? "" : ", shard \(shard)"): \(parts.joined(separator: ", "))"
    }

    /// - Throws: an error that names what failed and says what is left; the exit code of a signal.
    func requireDone(folder: String) throws {
        var texts: [String] = []
        if !failed.isEmpty {
            texts.append(BatchMerge.list(failed.map { ($0.input, $0.reason) }) + " (\(failed.count) of \(total) images failed)")
        }
        if failedBefore > 0 { texts.append("\(failedBefore) images failed in an earlier call; --retry-failed tries them again") }
        if left > 0 {
            let why = end == "time" ? "the time is up" : end == "failures" ? "too many images failed" : "interrupted"
            texts.append("\(why), \(left) of \(total) images are left; the same call again goes on")
        }
        guard let signal = StopSignal.received, left > 0 else {
            if !texts.isEmpty { throw RestoreFailure(description: texts.joined(separator: "; ")) }
            return
        }
        StandardError.write(PathName.shown(inText: "Error: \(StopSignal.name(of: signal)): \(texts.joined(separator: "; "))\n"))
        throw ExitCode(128 + signal)
    }
}

/// What `reglow batch --dry-run` reports.
struct BatchPlanReport: Encodable {
    let images: Int
    /// How many images have each problem.
    let problems: [String: Int]
    let shards: Int
    /// The images of each shard, and its part of the work.
    let shardImages: [Int]
    let shardWork: [Double]

    init(_ list: JobList, shards: Int) throws {
        let plan = try JobRunner.plan(list, shards: shards)
        (images, self.shards) = (list.jobs.count, shards)
        (problems, shardImages, shardWork) = (plan.problems, plan.images, plan.work)
    }

    var text: String {
        let kinds = problems.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        guard shards > 1 else { return "\(images) images: \(kinds)" }
        let rows = shardImages.indices.map {
            "shard \($0 + 1): \(shardImages[$0]) images, \((100 * shardWork[$0]).general(4)) % of the work"
        }
        return (["\(images) images: \(kinds)"] + rows).joined(separator: "\n")
    }
}
