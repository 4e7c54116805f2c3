/// What the caller of a solver hears while it works. All are called on the calling thread; what one of them throws ends the call.
package struct SolverEvents<Solution> {
    /// What is called for each accepted iterate of each image.
    package var onProgress: ((SolverProgress) throws -> Void)?
    /// Before each evaluation, accepted or not: where a caller looks whether it is to stop.
    package var checkpoint: (() throws -> Void)?
    /// As soon as the solution of a problem, by its index, is there, or the `SolverError` or `RegularizationError` that left it without one.
    package var onEnd: (Int, Result<Solution, any Error>) throws -> Void

    package init(
        onProgress: ((SolverProgress) throws -> Void)? = nil, checkpoint: (() throws -> Void)? = nil,
        onEnd: @escaping (Int, Result<Solution, any Error>) throws -> Void
    ) {
        self.onProgress = onProgress
        self.checkpoint = checkpoint
        self.onEnd = onEnd
    }

    /// The solutions of `count` problems in their order, of a call that is given such events.
    ///
    /// - Throws: what `solve` throws, and the error of the first problem that is left without a solution.
    static func collect(
        _ count: Int, onProgress: ((SolverProgress) throws -> Void)?, _ solve: (SolverEvents<Solution>) throws -> Void
    ) throws -> [Solution] {
        var solutions = [Solution?](repeating: nil, count: count)
        try withoutActuallyEscaping({ (index: Int, result: Result<Solution, any Error>) in solutions[index] = try result.get() }) {
            try solve(SolverEvents(onProgress: onProgress, onEnd: $0))
        }
        return solutions.compactMap { $0 }
    }
}
