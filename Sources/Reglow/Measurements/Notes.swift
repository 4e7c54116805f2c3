import Files
import Synchronization

/// What somebody is told beside the results: what was changed in reading a file, taken for granted, or left out.
///
/// A note names the thing that it is about, most often a file. The same note about the same thing is told once. Several threads may tell.
package final class Notes: Sendable {
    package struct Note: Encodable, Hashable, Sendable {
        /// The path, option or other thing that the note is about.
        package let about: String
        package let text: String
    }

    /// How much a note matters.
    package enum Level: Sendable {
        case note
        /// How something is done: it is shown where somebody asks for more, and not kept.
        case detail
    }

    private struct State {
        var all: [Note] = []
        var known: Set<Note> = []
    }

    private let state = Mutex(State())
    private let show: @Sendable (Level, Note) -> Void

    /// - Parameter show: is given each note as it is told.
    package init(show: @escaping @Sendable (Level, Note) -> Void = { _, _ in }) { self.show = show }

    package var all: [Note] { state.withLock { $0.all } }

    package func tell(_ about: String, _ text: String) {
        let note = Note(about: about, text: text)
        let isNew = state.withLock { state in
            guard state.known.insert(note).inserted else { return false }
            state.all.append(note)
            return true
        }
        if isNew { show(.note, note) }
    }

    /// Says how something is done.
    package func detail(_ about: String, _ text: @autoclosure () -> String) { show(.detail, Note(about: about, text: text())) }

    /// The texts about one thing, in the order in which they were told.
    package func texts(about thing: String) -> [String] { all.filter { $0.about == thing }.map(\.text) }
}
