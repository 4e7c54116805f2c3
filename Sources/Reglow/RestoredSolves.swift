import InverseSolvers

/// The solves of one image in a row: one, or for a self-ensemble a second for its mirror image.
struct RestoredSolves {
    private let posed: PosedProblem
    /// The problem that is being solved.
    private var current: PosedProblem
    /// The solution for the image itself, once there is one.
    private var first: SolvedProblem?
    /// The solution for its mirror image.
    private var second: SolvedProblem?

    /// The part of a state that holds the first solution.
    private static let firstPart = "first"
    /// The part that holds what the solver knows of the present solve.
    private static let presentPart = "present"

    init(_ posed: PosedProblem) { (self.posed, current) = (posed, posed) }

    private var options: SolverOptions { posed.options }

    /// The first solve, or the one that the state of the problem is of.
    ///
    /// - Throws: `OperatorError`; `SolveStateError` for the state of another image.
    mutating func begin() throws -> SolveRequest {
        var isSearch = posed.chosen.criterion != nil
        if let part = posed.state?.part(Self.firstPart) {
            let solved = SolvedProblem(posed: posed, restoration: try Restoration(resuming: part))
            guard options.selfEnsemble, solved.restoration.image.count == posed.canvasShape.count else {
                throw SolveStateError(name: Self.firstPart)
            }
            first = solved
            current = try solved.mirrored()
            isSearch = false
        }
        let present = posed.state?.part(Self.presentPart)
        if posed.state != nil, present == nil { throw SolveStateError(name: Self.presentPart) }
        return try request(isSearch: isSearch, state: present)
    }

    private func request(isSearch: Bool, state: SolveState? = nil) throws -> SolveRequest {
        var options = posed.options
        // A search compares minima.
        if options.selfEnsemble, !isSearch { options.isSelfEnsembleMember = true }
        options.maximumSeconds = max(options.maximumSeconds - (first?.restoration.seconds ?? 0), .leastNormalMagnitude)
        return SolveRequest(problem: try current.inverseProblem(), options: options, state: state)
    }

    /// Takes the solution of the present solve, and says what is to be solved next; nil where this was the last.
    mutating func receive(_ restoration: Restoration) throws -> SolveRequest? {
        let solved = SolvedProblem(posed: current, restoration: restoration)
        guard first == nil else {
            second = solved
            return nil
        }
        first = solved
        guard options.selfEnsemble else { return nil }
        current = try solved.mirrored()
        return try request(isSearch: false)
    }

    /// This is nil before the end.
    func result() throws -> RestoredImage? { try first.map { try RestoredImage($0, mirrored: second) } }

    func progress(_ progress: SolverProgress) -> RestorationProgress {
        RestorationProgress(
            entry: first?.continued(progress.entry) ?? progress.entry, canvasImage: progress.image, posed: current, first: first)
    }

    /// The state of all solves, of which `present` is that of the one that runs.
    func state(_ present: SolveState) -> SolveState {
        var state = SolveState()
        if let first { state.add(first.restoration.state, as: Self.firstPart) }
        state.add(present, as: Self.presentPart)
        return state
    }
}
