import KernelInterface

/// One solve that a `Solver` is asked for: what is solved, how, and from which state.
package struct SolveRequest {
    package var problem: InverseProblem
    package var options: SolverOptions
    /// The state that an earlier process left; nil begins anew.
    package var state: SolveState?
    /// Whether it follows on another solve of its image, which has counted what was prepared for all.
    private(set) var isFollower = false

    package init(problem: InverseProblem, options: SolverOptions, state: SolveState? = nil) {
        self.problem = problem
        self.options = options
        self.state = state
    }

    fileprivate func following() -> SolveRequest {
        var request = self
        request.isFollower = true
        return request
    }

    /// - Throws: `SolverError` for options or a problem that are not valid, or of another image shape.
    func validate(imageShape: ImageShape) throws {
        try options.validate()
        try problem.validate(imageShape: imageShape)
    }
}

/// The problems of one image shape that a `Solver` works on: those that wait, and those that follow on others.
///
/// It is asked for the next one whenever a place of the batch is free, so that a slow image holds up no other.
package struct SolveQueue {
    /// Problems that share an evaluation, at most.
    package let capacity: Int
    let source: (_ mayWait: Bool) throws -> SolveRequest?
    private var followers: [SolveRequest] = []

    /// - Parameters:
    ///   - capacity: problems that share an evaluation, at most.
    ///   - source: gives the next problem. Where none is ready it waits for one if it may, else it returns nil; where it may wait, nil
    ///     is the end.
    package init(capacity: Int, source: @escaping (_ mayWait: Bool) throws -> SolveRequest?) {
        self.capacity = capacity
        self.source = source
    }

    /// The problems of a list, in their order.
    package init(_ requests: [SolveRequest], capacity: Int) {
        var rest = requests[...]
        self.init(capacity: capacity) { _ in rest.popFirst() }
    }

    mutating func add(_ follower: SolveRequest) { followers.append(follower.following()) }

    /// Up to `count` requests, those that follow first.
    ///
    /// - Parameter mayWait: whether to wait for the first of them.
    mutating func next(_ count: Int, mayWait: Bool) throws -> [SolveRequest] {
        var requests = Array(followers.prefix(count))
        followers.removeFirst(requests.count)
        while requests.count < count, let request = try source(mayWait && requests.isEmpty) { requests.append(request) }
        return requests
    }
}
