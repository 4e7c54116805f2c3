import Files
import Glibc
import Synchronization

/// A text that callers get a pointer to, for as long as this object lives.
final class CText: Sendable {
    private nonisolated(unsafe) let characters: UnsafeMutablePointer<CChar>

    /// The characters up to the first zero byte, and a zero byte. Bytes of file names that are no text stand as escapes.
    init(_ text: String) {
        let bytes = PathName.shown(inText: text).utf8.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
        characters = .allocate(capacity: bytes.count)
        characters.initialize(from: bytes, count: bytes.count)
    }

    deinit { characters.deallocate() }

    var pointer: UnsafePointer<CChar> { UnsafePointer(characters) }
}

/// Texts that live for ever: names, of which there are few.
enum LastingText {
    private static let all = Mutex<[String: CText]>([:])

    static func pointer(_ text: String) -> UnsafePointer<CChar> {
        all.withLock { all in
            if let known = all[text] { return known.pointer }
            let new = CText(text)
            all[text] = new
            return new.pointer
        }
    }
}
