import ArgumentParser
import Reglow

/// Asks for a page about what a command did.
struct ReportOption: ParsableArguments {
    @Option(
        name: .customLong("report"),
        help: ArgumentHelp(
            "Write a page that shows the work, index.html, into this folder; it opens in a browser without a network. A page that is there is never replaced.",
            valueName: "folder"), completion: .directory)
    var folder: String?

    /// Throws now what the page would throw in the end.
    func requireRoom() throws {
        if let folder { try RestorationReport.requireRoom(in: folder) }
    }

    /// Says where the page is.
    func tell(_ notes: Notes) {
        if let folder { notes.tell("--report", "the page is \(Folder.joined(folder, RestorationReport.fileName))") }
    }

    /// Says that a part of a job has no page.
    func tellItIsMissing(_ notes: Notes, _ output: String) {
        if folder != nil {
            notes.tell(
                "--report", "the page is of a whole job: reglow batch --merge \(PathName.shown(output)) --report makes it in the end")
        }
    }

    /// The whole command, as it was called.
    static var command: [String] { ["reglow"] + commandArguments() }
}
