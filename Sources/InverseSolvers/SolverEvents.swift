/// What the caller of a solver hears while it works. All are called on the calling thread; what one of them throws ends the call.
package struct SolverEvents {
    /// Called for each accepted iterate of each image.
    package var onProgress: ((SolverProgress) throws -> Void)?
    /// Called before each evaluation, accepted or not: where a caller looks whether it is to stop.
    package var checkpoint: (() throws -> Void)?
    /// Called as soon as a problem, by its `id`, has a restoration, or the `SolverError` or `RegularizationError` that left it without one.
    package var onEnd: (Int, Result<Restoration, any Error>) throws -> Void

    package init(
        onProgress: ((SolverProgress) throws -> Void)? = nil, checkpoint: (() throws -> Void)? = nil,
        onEnd: @escaping (Int, Result<Restoration, any Error>) throws -> Void
    ) {
        self.onProgress = onProgress
        self.checkpoint = checkpoint
        self.onEnd = onEnd
    }
}
