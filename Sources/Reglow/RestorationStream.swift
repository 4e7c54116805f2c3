import GlowModel
import InverseSolvers
import KernelInterface

/// The restoration of images of one canvas by one prior, which come one by one and end one by one.
///
/// Whenever a place of the solver's batch is free the next image takes it, whatever its problem: of a mixed folder all share the flow's
/// evaluations, and one that takes long holds up no other. The second solve of a self-ensemble, and those of a search for lambda, follow on
/// the first in the same way. Where the prior gives posterior means in closed form there is no batch.
package struct RestorationStream {
    /// What the caller hears. All are called on the calling thread; what one of them throws ends the call.
    package struct Events {
        /// Called for each accepted iterate of each image, of both solves of a self-ensemble.
        package var onProgress: ((RestorationProgress) throws -> Void)?
        /// Called before each evaluation.
        package var checkpoint: (() throws -> Void)?
        /// Says whether the time of all is used up.
        var isTimeUp: (() -> Bool)?
        /// Says whether the call is to end: solves in progress end at their best point (`StopReason.time`), others do not begin.
        package var isCancelled: (() -> Bool)?
        /// Seconds between two states of an image, and what takes them: of the image of this index, with the seconds of its present solve.
        var saveSeconds = Double.infinity
        var onSave: ((_ index: Int, _ seconds: Double, _ state: () -> SolveState) throws -> Void)?
        /// Called as soon as an image is restored or has failed.
        package var onEnd: (Int, Result<RestoredImage, MeasurementError>) throws -> Void

        package init(
            onProgress: ((RestorationProgress) throws -> Void)? = nil, checkpoint: (() throws -> Void)? = nil,
            onEnd: @escaping (Int, Result<RestoredImage, MeasurementError>) throws -> Void
        ) {
            (self.onProgress, self.checkpoint, self.onEnd) = (onProgress, checkpoint, onEnd)
        }

        /// Whether solves in progress end for either reason; nil where there is none.
        var endsSolves: (() -> Bool)? {
            guard isTimeUp != nil || isCancelled != nil else { return nil }
            return { [isTimeUp, isCancelled] in isTimeUp?() == true || isCancelled?() == true }
        }
    }

    private let solver: Solver<Glow>
    private let canvas: ImageShape
    private let capacity: Int

    /// - Parameter most: images that are solved at once, at most.
    init(_ solver: Solver<Glow>, canvas: ImageShape, most: Int) {
        self.solver = solver
        self.canvas = canvas
        let isOneByOne = if case .gaussNewton = solver.options.minimizer { true } else { false }
        capacity = isOneByOne ? 1 : max(1, min(solver.options.maximumBatch, most, Restorer.largestBatch(ofPixels: canvas.pixels)))
    }

    /// Restores what `next` gives, until it has no more.
    ///
    /// - Parameters:
    ///   - next: the next image, each with an index of its own. Where none is ready it waits for one if it may, else it returns nil.
    /// - Throws: `SolverError` for a prior that does not take the canvas; what the closures throw.
    func run(_ events: Events, next: @escaping (_ mayWait: Bool) throws -> PosedProblem?) throws {
        if let levels = solver.flow.card.noiseLevels { return try NoisyPriorStream(solver, levels, canvas: canvas).run(events, next: next) }
        guard solver.options.ensemble <= 2 else {
            throw SolverError.option(
                name: "ensemble", found: "\(solver.options.ensemble)",
                required: "1 or 2 with \(solver.flow.card.name ?? "this prior"), which is minimized")
        }
        var members: [Int: RestoredSolves] = [:]
        let queue = SolveQueue(capacity: capacity) { mayWait in
            while let problem = try next(mayWait) {
                let index = problem.index
                do {
                    var member = RestoredSolves(problem)
                    let request = try member.begin()
                    members[index] = member
                    return request
                } catch {
                    try events.onEnd(index, .failure(MeasurementError(measurement: index, reason: error)))
                }
            }
            return nil
        }
        var solverEvents = SolverEvents(
            onProgress: { progress in
                guard let onProgress = events.onProgress, let member = members[progress.problem] else { return }
                try onProgress(member.progress(progress))
            }, checkpoint: events.checkpoint,
            onEnd: { index, result in
                let outcome = Result { () throws -> (next: SolveRequest?, restored: RestoredImage?) in
                    let restoration = try result.get()
                    if let next = try members[index]?.receive(restoration) { return (next, nil) }
                    return (nil, try members[index]?.result())
                }
                if case .success((let next?, _)) = outcome { return next }
                members[index] = nil
                switch outcome {
                case .success((_, let restored)): if let restored { try events.onEnd(index, .success(restored)) }
                case .failure(let error): try events.onEnd(index, .failure(MeasurementError(measurement: index, reason: error)))
                }
                return nil
            })
        solverEvents.isTimeUp = events.endsSolves
        solverEvents.saveSeconds = events.saveSeconds
        if let onSave = events.onSave {
            solverEvents.onSave = { index, seconds, state in
                try onSave(index, seconds) { members[index]?.state(state()) ?? state() }
            }
        }
        try solver.restore(queue, imageShape: canvas, solverEvents)
    }
}
