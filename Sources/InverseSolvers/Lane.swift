/// An image that is being solved.
struct Member {
    let request: SolveRequest
    let solve: ImageSolve
    /// When this process took it up.
    let entered: ContinuousClock.Instant
    /// Seconds that earlier processes spent on it.
    private var earlierSeconds = 0.0
    /// When its state was last handed out.
    var saved: ContinuousClock.Instant

    init(request: SolveRequest, solve: ImageSolve, entered: ContinuousClock.Instant) {
        (self.request, self.solve, self.entered, saved) = (request, solve, entered, entered)
    }

    var id: Int { request.problem.id }

    /// Wall time of this solve.
    func seconds(at now: ContinuousClock.Instant) -> Double { earlierSeconds + entered.duration(to: now).inSeconds }

    func state(at now: ContinuousClock.Instant) -> SolveState {
        var state = solve.state
        state.set("seconds", seconds(at: now))
        return state
    }

    /// - Throws: `SolveStateError`.
    mutating func resume(_ state: SolveState) throws(SolveStateError) {
        try solve.resume(state)
        earlierSeconds = try state.number("seconds")
    }
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

    /// Whether the operator of a member is one for the calling thread.
    var staysOnCallingThread: Bool { terms.contains { $0.dataFidelity.forwardOperator.staysOnCallingThread } }

    mutating func add(_ member: Member) {
        members.append(member)
        terms.append(member.request.problem.terms)
    }

    mutating func forEach(_ body: (inout Member) throws -> Void) rethrows {
        for index in members.indices { try body(&members[index]) }
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
