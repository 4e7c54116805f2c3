/// What the caller of a solver hears while it works. All are called on the calling thread; what one of them throws ends the call.
package struct SolverEvents {
    /// Called for each accepted iterate of each image.
    package var onProgress: ((SolverProgress) throws -> Void)?
    /// Called before each evaluation, accepted or not: where a caller looks whether it is to stop.
    package var checkpoint: (() throws -> Void)?
    /// Says before each evaluation whether the time of the whole call is used up: then all solves end at their best point.
    package var isTimeUp: (() -> Bool)?
    /// Called for each solve in progress when `saveSeconds` have passed since its last state, and where `checkpoint` ends the call. Makes the
    /// state when it is asked for.
    package var onSave: ((_ id: Int, _ seconds: Double, _ state: () -> SolveState) throws -> Void)?
    /// Seconds between two states of a solve.
    package var saveSeconds = Double.infinity
    /// Called as soon as a problem, by its `id`, has a restoration, or the `SolverError` or `RegularizationError` that left it without one.
    /// What it returns is solved next.
    package var onEnd: (Int, Result<Restoration, any Error>) throws -> SolveRequest?

    package init(
        onProgress: ((SolverProgress) throws -> Void)? = nil, checkpoint: (() throws -> Void)? = nil,
        onEnd: @escaping (Int, Result<Restoration, any Error>) throws -> SolveRequest?
    ) {
        self.onProgress = onProgress
        self.checkpoint = checkpoint
        self.onEnd = onEnd
    }
}
