import Files

/// Why a checkpoint cannot be imported, or a model cannot be exported: one line that names the file and the part of it.
public struct CheckpointError: ReglowError, Hashable {
    /// The checkpoint.
    public let path: String
    /// What is wrong with it: the key of a tensor, an entry of an archive, or the whole file, and the reason.
    public let reason: String

    /// Makes the error of a file and what is wrong with it.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var category: ReglowErrorCategory { .file(path: path) }

    public var description: String { "\(PathName.shown(path)): \(reason)" }
}

/// What is wrong, before anybody has said with which file.
struct Fault: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// Text from a file, made fit for a message: quoted, control characters escaped, cut at 80 characters.
    static func quoted(_ text: String) -> String {
        text.count <= 80 ? text.debugDescription : (text.prefix(80) + "...").debugDescription
    }

    /// A shape as mathematics writes it: `(12, 12)`, `(32)`, `()`.
    static func written(_ shape: [Int]) -> String { "(\(shape.map(String.init).joined(separator: ", ")))" }
}
