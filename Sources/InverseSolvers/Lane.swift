/// An image that is being solved.
struct Member {
    /// Index of its problem in the batch.
    let problem: Int
    let solve: ImageSolve
    let began: ContinuousClock.Instant
}

/// Images that share evaluations: all of one unknown, and all in the gradient precision or all in that of the values.
struct Lane {
    let key: Key
    private(set) var members: [Member] = []
    /// The terms of the members, in their order.
    private(set) var terms: [ObjectiveTerms] = []

    struct Key: Hashable {
        let formulation: Formulation
        let isInGradientPrecision: Bool
    }

    init(_ key: Key) {
        self.key = key
    }

    /// Whether a member stopped.
    var hasEnd: Bool { members.contains { $0.solve.stop != nil } }

    /// Whether a member belongs into another lane.
    var hasStranger: Bool { members.contains { $0.key != key } }

    mutating func add(_ member: Member, _ problem: InverseProblem) {
        members.append(member)
        terms.append(problem.terms)
    }

    /// Takes out the members for which the condition holds.
    mutating func remove(where condition: (Member) -> Bool) -> [Member] {
        let removed = members.filter(condition)
        terms = zip(members, terms).filter { !condition($0.0) }.map(\.1)
        members.removeAll(where: condition)
        return removed
    }
}

extension Member {
    /// The key of the lane to which it belongs now.
    var key: Lane.Key { Lane.Key(formulation: solve.formulation, isInGradientPrecision: solve.usesGradientPrecision) }
}
