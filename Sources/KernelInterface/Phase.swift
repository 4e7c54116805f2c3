/// A kind of work that a profile tells apart.
///
/// Every module names its own, as extensions of this type.
package struct Phase: Sendable {
    /// Tells phases apart: no two of a program have the same.
    package let number: UInt8
    package let name: StaticString
    /// Whether it only holds other phases: then its time is theirs.
    package let isGroup: Bool

    package init(_ number: UInt8, _ name: StaticString, isGroup: Bool = false) {
        self.number = number
        self.name = name
        self.isGroup = isGroup
    }

    /// A worker is done with its tasks, and those of others are not.
    package static let waiting = Phase(0, "waiting for other threads")
    /// A parallel loop that has no name.
    package static let loop = Phase(1, "other loops")
}
