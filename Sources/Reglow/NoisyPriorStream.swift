import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface

/// The restoration of images of one canvas by a prior that is a density of noisy images, one by one: in closed form where every pixel is measured as it
/// is (`DenoisedMean`), else by splitting (`HalfQuadraticSplitting`).
final class NoisyPriorStream {
    private let solver: Solver<Glow>
    private let levels: NoiseLevels
    private let canvas: ImageShape
    private let views: [PriorView]
    private var means: DenoisedMean?
    private var splitting: HalfQuadraticSplitting<Glow>?
    /// What a closure of the caller threw: no fault of an image.
    private var callersError: (any Error)?

    init(_ solver: Solver<Glow>, _ levels: NoiseLevels, canvas: ImageShape) {
        (self.solver, self.levels, self.canvas) = (solver, levels, canvas)
        views = PriorView.ensemble(solver.options.ensemble, grid: solver.flow.sizeMultiple)
    }

    /// Restores what `next` gives, until it has no more or the call is to end.
    ///
    /// - Throws: what the closures throw.
    func run(_ events: RestorationStream.Events, next: (_ mayWait: Bool) throws -> PosedProblem?) throws {
        while events.endsSolves?() != true, let problem = try next(true) {
            try events.checkpoint?()
            let result = Result { try restore(problem, events) }
            if let callersError { throw callersError }
            try events.onEnd(problem.index, result.mapError { MeasurementError(measurement: problem.index, reason: $0) })
        }
    }

    private func restore(_ problem: PosedProblem, _ events: RestorationStream.Events) throws -> RestoredImage {
        if let noise = problem.noise(seenBy: levels) {
            let means = try means ?? DenoisedMean(solver, canvas: canvas)
            self.means = means
            return try means.restore(problem, noise, views: views) { progress in try self.asking { try events.onProgress?(progress) } }
        }
        guard problem.canBeSplit else { throw ProblemError.noisyPrior(solver.flow.card.name ?? "that was given") }
        return try split(problem, events)
    }

    private func split(_ problem: PosedProblem, _ events: RestorationStream.Events) throws -> RestoredImage {
        let splitting =
            try splitting
            ?? HalfQuadraticSplitting(
                solver.flow, gradientPrecisionFlow: solver.gradientPrecisionFlow, levels: levels, imageShape: canvas,
                parallelism: solver.parallelism, views: views)
        self.splitting = splitting
        // The views of an ensemble are within its one solve.
        var member = RestoredSolves(problem.withoutEnsemble)
        var request: SolveRequest? = try member.begin()
        while let current = request {
            var heard = SolverEvents(
                onProgress: { progress in try self.asking { try events.onProgress?(member.progress(progress)) } },
                checkpoint: { try self.asking { try events.checkpoint?() } }, onEnd: { _, _ in nil })
            heard.isTimeUp = events.endsSolves
            heard.saveSeconds = events.saveSeconds
            if let onSave = events.onSave {
                heard.onSave = { index, seconds, state in
                    try self.asking { try onSave(index, seconds) { member.state(state()) } }
                }
            }
            var restoration = try splitting.restore(current.withVariance(of: problem), heard)
            restoration.regularizationWeight = current.problem.regularizationWeight
            request = try member.receive(restoration)
        }
        guard let restored = try member.result() else { throw CancellationError() }
        return restored
    }

    /// Calls a closure of the caller.
    private func asking(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            callersError = error
            throw error
        }
    }
}

extension PosedProblem {
    /// Whether a splitting may solve it: the solver is left to choose, lambda is not searched for, and the start is no sample of the prior.
    var canBeSplit: Bool {
        if case .random = start { return false }
        return options.minimizer == .auto && options.formulation == nil && !options.includeLogDeterminant && chosen.criterion == nil
    }
}

extension SolveRequest {
    /// The same with the variance of the noise as it is in each channel: one noise that a grey picture has in all of them counts as often.
    fileprivate func withVariance(of posed: PosedProblem) -> SolveRequest {
        var request = self
        let isKnown = posed.chosen.noiseDeviation != nil && posed.chosen.noiseEstimate == nil
        if isKnown { request.problem.regularizationWeight *= Double(posed.copies) }
        return request
    }
}
