/// A kind of work that a profile tells apart.
///
/// Every module names its own, as extensions of this type.
public struct Phase: Sendable {
    /// Tells phases apart: no two of a program have the same.
    public let number: UInt8
    public let name: StaticString
    /// Whether it only holds other phases: then its time is theirs.
    public let isGroup: Bool

    public init(_ number: UInt8, _ name: StaticString, isGroup: Bool = false) {
        self.number = number
        self.name = name
        self.isGroup = isGroup
    }

    /// A worker is done with its tasks, and those of others are not.
    public static let waiting = Phase(0, "waiting for other threads")
    /// A parallel loop that has no name.
    public static let loop = Phase(1, "other loops")
}
