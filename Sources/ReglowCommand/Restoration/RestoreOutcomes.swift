import ArgumentParser
import Reglow

/// What became of each image of a call.
struct RestoreOutcomes {
    private let jobs: [RestorationJob]
    private var results: [RestoreReport.Result?]
    /// Images that failed by the fault of another file, such as their mask, which the reason names.
    private var otherFaults: Set<Int> = []
    /// What ended the work before its end.
    var interruption: Interruption?

    /// Images that are named in a message.
    private static let mostNames = 8

    init(jobs: [RestorationJob]) {
        self.jobs = jobs
        results = [RestoreReport.Result?](repeating: nil, count: jobs.count)
    }

    /// The results that there are, in the order of the inputs.
    var all: [RestoreReport.Result] { results.compactMap { $0 } }

    /// The inputs without a result.
    var left: [String] { zip(jobs, results).filter { $0.1 == nil }.map(\.0.input) }

    /// Why an image failed; empty for one that did not.
    func reason(_ number: Int) -> String { results[number]?.error ?? "" }

    mutating func add(_ number: Int, _ result: RestoreReport.Result) { results[number] = result }

    /// What was thrown is the end of this image.
    mutating func fail(_ number: Int, _ error: any Error) {
        let job = jobs[number]
        let reason: String
        switch error {
        case let error as FileError:
            let isOfInput = error.path == shownInput(job.input)
            reason = isOfInput ? error.reason : error.description
            if !isOfInput { otherFaults.insert(number) }
        case let error as MeasurementError: reason = "\(error.reason)"
        default: reason = "\(error)"
        }
        results[number] = RestoreReport.Result(job, error: reason)
    }

    /// Ends the command where it was not all done: the failed images are named, and those that an interrupt left.
    ///
    /// - Throws: an error that names the failed images; the exit code of an interrupt.
    func requireDone() throws {
        let failed = results.indices.filter { results[$0]?.error != nil }
        let named = failed.prefix(Self.mostNames).map { number in
            let reason = results[number]?.error ?? ""
            // Of one image the file at fault is named alone.
            return jobs.count == 1 && otherFaults.contains(number) ? reason : "\(PathName.shown(shownInput(jobs[number].input))): \(reason)"
        }
        let text = named.joined(separator: "; ") + (failed.count > named.count ? "; and \(failed.count - named.count) more" : "")
        let ofAll = jobs.count == 1 ? "" : " (\(failed.count) of \(jobs.count) images failed)"
        guard let interruption else {
            if !failed.isEmpty { throw RestoreFailure(description: text + ofAll) }
            return
        }
        if !failed.isEmpty { StandardError.write(PathName.shown(inText: "Error: \(text)\(ofAll)\n")) }
        StandardError.write(PathName.shown(inText: "Error: \(interruptionText(interruption))\n"))
        throw ExitCode(128 + interruption.signal)
    }

    private func interruptionText(_ interruption: Interruption) -> String {
        let name = StopSignal.name(of: interruption.signal)
        let left = left
        let named = left.prefix(Self.mostNames).joined(separator: ", ")
        let rest = left.count > Self.mostNames ? " and \(left.count - Self.mostNames) more" : ""
        return "interrupted by \(name), \(jobs.count - left.count) of \(jobs.count) images are done, not restored: \(named)\(rest)"
    }
}

/// Images that could not be restored.
struct RestoreFailure: Error, CustomStringConvertible {
    let description: String
}
