/// An error that Reglow throws: what a caller can switch over, whichever type it is.
///
///     do {
///         …
///     } catch let error as any ReglowError {
///         switch error.category {
///         case .file(let path): print(path, "is at fault:", error)
///         case .memory: print("use a smaller picture, or windows")
///         default: print(error)
///         }
///     }
///
/// `description` is one sentence in English that names the thing at fault. `CancellationError` and what a caller's own closures throw come as they are.
public protocol ReglowError: Error, Sendable, CustomStringConvertible {
    /// What kind of thing is at fault, with its name.
    var category: ReglowErrorCategory { get }
}

/// What kind of thing is at fault.
public enum ReglowErrorCategory: Hashable, Sendable {
    /// A file or folder that cannot be read or written, or is not what it must be: an image, a model, a checkpoint.
    case file(path: String)
    /// An option that is out of its range, by the name of its property.
    case option(name: String)
    /// One of several measurements, by its index: it does not fit the problem, or is not finite.
    case measurement(index: Int)
    /// A problem, an operator or an image that cannot be, or do not fit each other.
    case problem
    /// Memory that is not there, in bytes.
    case memory(needed: Int, limit: Int)
    /// An instruction set that this processor does not have, or that is none.
    case processor
    /// A training that cannot begin or go on.
    case training
}
