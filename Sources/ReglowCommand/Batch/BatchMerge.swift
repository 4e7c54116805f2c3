import ArgumentParser
import FoundationEssentials
import Glibc
import Reglow

/// `reglow batch --merge DIR`: looks whether a job is whole, knowing its output folder alone.
struct BatchMerge {
    let folder: String
    let engine: EngineOptions
    let reportOption: ReportOption

    private static let (argumentsNote, folderNote) = ("arguments", "folder")
    /// Images that are named in a message.
    private static let mostNames = 8

    /// What the folder of a job keeps, so that this command can read the job's list again.
    static func notes(_ arguments: [String]) throws -> [String: String] {
        [
            argumentsNote: String(decoding: try JSONEncoder().encode(arguments), as: UTF8.self),
            folderNote: realPath(".") ?? ".",
        ]
    }

    func run() throws {
        let notes = engine.makeNotes()
        guard let known = try JobRunner.notes(ofFolder: folder), let text = known[Self.argumentsNote], let place = known[Self.folderNote],
            let arguments = try? JSONDecoder().decode([String].self, from: Data(text.utf8)), arguments.first == "batch"
        else { throw FileError(path: folder, reason: "is not the output folder of 'reglow batch'") }
        let path = realPath(folder) ?? folder
        // The page goes where this call says, not into the folder of the first one.
        let page = reportOption.folder.map { $0.hasPrefix("/") ? $0 : Folder.joined(realPath(".") ?? ".", $0) }
        // Paths of the call are relative to where it was made.
        guard PathName.withSystemPath(place, chdir) == 0 else { throw FileError(path: place, failedTo: "go back to the job's folder") }
        // Which part the first call did does not matter, nor what names it.
        let command = try BatchCommand.parse(Array(arguments.dropFirst()) + ["--shard=1/1", "--shard-base=1"])
        let list = try JobListReader(command, arguments: arguments, notes: Notes()).list()
        let summary = try JobSummary.write(list, folder: path)
        try Self.report(list, summary, folder: path, into: page, engine, notes)
        try engine.deliver(EngineReport(summary, engine, notes), text: Self.text(summary, folder: folder))
        try Self.requireWhole(summary, folder: folder)
    }

    /// Writes the page of a job that was looked at, where one is asked for.
    static func report(_ list: JobList, _ summary: JobSummary, folder: String, into page: String?, _ engine: EngineOptions, _ notes: Notes)
        throws
    {
        guard let page else { return }
        var report = try RestorationReport(job: list, folder: folder, summary: summary, title: "Batch: \(fileName(of: folder))")
        report.command = ReportOption.command
        report.threads = engine.parallelism.threads
        report.notes = notes.all.map { "\($0.about): \($0.text)" }
        try report.write(into: page)
        notes.tell("--report", "the page is \(Folder.joined(page, RestorationReport.fileName))")
    }

    /// `out: 198 of 200 images restored, 2 failed; summary.json and summary.csv say more`
    static func text(_ summary: JobSummary, folder: String) -> String {
        var parts = ["\(summary.done) of \(summary.images) images restored"]
        if summary.incomplete > 0 { parts.append("\(summary.incomplete) of them cut short") }
        if !summary.failed.isEmpty { parts.append("\(summary.failed.count) failed") }
        if !summary.missing.isEmpty { parts.append("\(summary.missing.count) missing") }
        let sets = summary.instructionSets.count > 1 ? " (on several instruction sets, whose results differ in their last bits)" : ""
        return "\(folder): \(parts.joined(separator: ", "))\(sets); see \(Folder.joined(folder, "summary.csv"))"
    }

    /// - Throws: an error that names what failed and what is missing.
    static func requireWhole(_ summary: JobSummary, folder: String) throws {
        if summary.isWhole { return }
        var texts: [String] = []
        if !summary.failed.isEmpty {
            texts.append(
                Self.list(summary.failed.map { ($0.input, $0.reason) })
                    + " (\(summary.failed.count) of \(summary.images) images failed; --retry-failed tries them again)")
        }
        if !summary.missing.isEmpty {
            texts.append(
                "missing: " + Self.list(summary.missing.map { ($0.output, $0.reason) })
                    + " (\(summary.missing.count) of \(summary.images) images; the same call again restores them)")
        }
        throw RestoreFailure(description: texts.joined(separator: "; "))
    }

    /// The first of them, and how many more.
    static func list(_ gaps: [(name: String, reason: String)]) -> String {
        let named = gaps.prefix(mostNames).map { "\(PathName.shown($0.name)): \($0.reason)" }
        return named.joined(separator: "; ") + (gaps.count > named.count ? "; and \(gaps.count - named.count) more" : "")
    }
}
