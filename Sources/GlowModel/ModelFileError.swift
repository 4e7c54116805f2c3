import Files

/// What is wrong with a model or golden file, and where: one fault, the first that was found.
public struct ModelFileError: ReglowError, Hashable {
    /// The part of the file that is at fault.
    public enum Place: Hashable, Sendable {
        /// The whole file.
        case file
        /// The header of the safetensors file.
        case header
        /// An entry of the metadata.
        case metadata(key: String)
        /// A tensor.
        case tensor(name: String)
    }

    /// The model file.
    public let path: String
    /// Says where in the file the fault is.
    public let place: Place
    /// What is wrong there.
    public let fault: String

    package init(path: String, _ place: Place, _ fault: String) {
        self.path = path
        self.place = place
        self.fault = fault
    }

    public var category: ReglowErrorCategory { .file(path: path) }

    public var description: String {
        switch place {
        case .file: "\(path): \(fault)"
        case .header: "\(path): header: \(fault)"
        case .metadata(let key): "\(path): metadata \(Self.quoted(key)): \(fault)"
        case .tensor(let name): "\(path): tensor \(Self.quoted(name)): \(fault)"
        }
    }

    /// Text from a file, made fit for a message: quoted, control characters escaped, cut at 80 characters.
    static func quoted(_ text: String) -> String {
        text.count <= 80 ? text.debugDescription : (text.prefix(80) + "...").debugDescription
    }

    /// A shape as mathematics writes it: `(12, 12)`, `(32)`, `()`.
    static func written(_ shape: [Int]) -> String {
        "(\(shape.map(String.init).joined(separator: ", ")))"
    }
}
