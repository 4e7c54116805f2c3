import Logging
import Reglow

/// What a call tells its user beside the results: a line of standard error at once, and an entry of `notes` in the JSON report.
///
/// A note names the thing that it is about, most often a file. The same note about the same thing is told once.
final class Notes {
    struct Note: Encodable, Hashable {
        /// The path, option or other thing that the note is about.
        let about: String
        let text: String
    }

    private(set) var all: [Note] = []
    private let log: Logger

    init(_ log: Logger) {
        self.log = log
    }

    func tell(_ about: String, _ text: String) {
        let note = Note(about: about, text: text)
        guard !all.contains(note) else { return }
        all.append(note)
        log.notice("\(PathName.shown(about)): \(text)")
    }

    /// Says how something is done: on standard error only, and only where `--verbose` asks for it.
    func detail(_ about: String, _ text: @autoclosure () -> String) { log.info("\(PathName.shown(about)): \(text())") }

    /// The texts about one thing, in the order in which they were told.
    func texts(about thing: String) -> [String] { all.filter { $0.about == thing }.map(\.text) }
}
