import CReglow
import KernelInterface

/// What became of the measurements of one call, and what is to be told of it.
final class ResultObject: HandleObject {
    static let kind = "result"

    /// A sentence about an image, or about all.
    struct Note: Sendable {
        let image: Int?
        let text: CText

        /// The index of the image as the interface has it: SIZE_MAX for all.
        var index: Int { image ?? -1 }
    }

    let outcomes: [Outcome]
    let notes: [Note]
    private let isCancelled: Bool

    init(_ outcomes: [Outcome], notes: [Note], isCancelled: Bool) {
        (self.outcomes, self.notes, self.isCancelled) = (outcomes, notes, isCancelled)
    }

    /// - Throws: a `Fault` for an index that is none.
    func outcome(_ index: Int) throws(Fault) -> Outcome {
        try require(
            outcomes.indices.contains(index), "image \(UInt(bitPattern: index)) is asked for, but the result has \(outcomes.count)")
        return outcomes[index]
    }

    /// - Throws: the `Fault` that the whole call answers where not all images were restored.
    func requireAll() throws(Fault) {
        let failed = outcomes.firstIndex { $0.facts.status != REGLOW_OK && $0.facts.status != REGLOW_CANCELLED }
        if isCancelled { throw Fault(REGLOW_CANCELLED, "cancelled by a function of the caller's") }
        guard let failed else { return }
        let reason = outcomes[failed].message.map { String(cString: $0.pointer) } ?? ""
        throw Fault(outcomes[failed].facts.status, outcomes.count == 1 ? reason : "image \(failed): \(reason)")
    }
}
