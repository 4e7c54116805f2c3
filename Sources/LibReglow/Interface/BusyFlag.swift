import CReglow
import Synchronization

/// Lets one call at a time use an object; others are refused, and do not wait.
final class BusyFlag: Sendable {
    private let isBusy = Atomic(false)

    /// - Throws: a `Fault` where another call uses the object; what `body` throws.
    func exclusively<Result>(_ kind: String, _ body: () throws -> Result) throws -> Result {
        guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            throw Fault(REGLOW_BUSY, "the \(kind) is in use by another call")
        }
        defer { isBusy.store(false, ordering: .releasing) }
        return try body()
    }
}
