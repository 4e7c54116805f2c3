import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface

/// One restorer, one problem and one rule for the regularization weight, for any number of measurements that come in parts.
///
///     let session = RestorationSession(restorer, problem: problem, regularization: rule)
///     while let measurements = next() {
///         try session.restore(measurements) { index, result in try write(result.get(), index) }
///     }
///
/// What is learnt of the prior on a canvas, and a random operator, serve later parts too. A result is the same to the last bit whatever
/// part it comes in. One caller uses a session at a time.
public final class RestorationSession {
    /// Who solves: the prior, the options and the threads.
    public let restorer: Restorer
    /// A, up to the seed that each measurement brings.
    public let problem: Problem
    /// How lambda is chosen.
    public let regularization: RegularizationRule
    /// Says where each solve begins; nil leaves it to the solver.
    public let start: Initialization?
    /// The flow, and what is learnt of it.
    let solver: Solver<Glow>
    private var operators: PosedOperatorCache

    /// Makes a session.
    ///
    /// - Parameters:
    ///   - restorer: who solves.
    ///   - problem: A, up to the seed that each measurement brings.
    ///   - regularization: how lambda is chosen, for each measurement by itself.
    ///   - start: where the solves begin that their measurements name no start for; nil leaves it to the solver.
    public convenience init(_ restorer: Restorer, problem: Problem, regularization: RegularizationRule, start: Initialization? = nil) {
        self.init(restorer, restorer.solver, problem: problem, regularization: regularization, start: start)
    }

    private init(
        _ restorer: Restorer, _ solver: Solver<Glow>, problem: Problem, regularization: RegularizationRule, start: Initialization?
    ) {
        self.restorer = restorer
        self.solver = solver
        self.problem = problem
        self.regularization = regularization
        self.start = start
        // Operators run within loops that are recorded already.
        operators = PosedOperatorCache(problem, prior: restorer.prior, parallelism: Parallelism(threads: restorer.parallelism.threads))
    }

    /// Another problem, with another rule, and what is learnt of the prior in common.
    func session(for problem: Problem, _ regularization: RegularizationRule) -> RestorationSession {
        RestorationSession(restorer, solver, problem: problem, regularization: regularization, start: start)
    }

    /// Restores each measurement on its own; those of one canvas size share the flow's evaluations.
    ///
    /// - Parameters:
    ///   - measurements: y = A u + noise, u on the [0, 1] scale.
    ///   - onProgress: called on the calling thread for each accepted iterate of each image, of both solves of a self-ensemble.
    ///   - checkpoint: called before each evaluation, and as each measurement is prepared; where it throws the call ends, with that error.
    ///   - onEnd: called on the calling thread as soon as a measurement, by its index, is restored or has failed.
    /// - Throws: `SolverError` for bad options; what the closures throw. A measurement that does not fit the problem or the rule, or whose
    ///   start is not finite, is no error of the call: its `onEnd` gets a `MeasurementError`.
    public func restore(
        _ measurements: [ImageMeasurement], onProgress: ((RestorationProgress) throws -> Void)? = nil,
        checkpoint: (() throws -> Void)? = nil, onEnd: @escaping (Int, Result<RestoredImage, MeasurementError>) throws -> Void
    ) throws {
        let setup = restorer.parallelism.recorder?.begin(.setup)
        var problems: [PosedProblem] = []
        for (index, measurement) in measurements.enumerated() {
            try checkpoint?()
            do {
                problems.append(try pose(measurement, index))
            } catch {
                try onEnd(index, .failure(MeasurementError(measurement: index, reason: error)))
            }
        }
        operators.keep(measurements)
        setup?.end()
        let listener = Listener(onProgress: onProgress, checkpoint: checkpoint) { index, error in
            try onEnd(index, .failure(MeasurementError(measurement: index, reason: error)))
        }
        let groups = Dictionary(grouping: problems, by: \.canvasShape)
        for group in groups.values.sorted(by: { $0[0].index < $1[0].index }) {
            guard restorer.options.selfEnsemble else {
                try solve(group, solver.options, listener) { try onEnd($0.posed.index, .success(RestoredImage($0))) }
                continue
            }
            var member = solver.options
            member.isSelfEnsembleMember = true
            // A search compares minima.
            let isSearch = group.contains { $0.chosen.criterion != nil }
            var solved: [Int: SolvedProblem] = [:]
            try solve(group, isSearch ? solver.options : member, listener) { solved[$0.posed.index] = $0 }
            let mirrored = try group.compactMap { try solved[$0.index]?.mirrored() }
            try solve(mirrored, member, listener, after: solved) { second in
                guard let first = solved[second.posed.index] else { return }
                try onEnd(second.posed.index, .success(RestoredImage(first, mirrored: second)))
            }
        }
    }

    private func pose(_ measurement: ImageMeasurement, _ index: Int) throws -> PosedProblem {
        let posedOperator = try operators.posed(for: measurement)
        let fromScene = posedOperator.fromScene
        return PosedProblem(
            index: index, posedOperator: posedOperator,
            measurement: try measurement.values(channels: restorer.prior.imageChannels, as: fromScene.measurementShape),
            chosen: try ChosenRegularization(regularization, for: measurement, of: problem, fromScene),
            start: try posedOperator.initialization(at: measurement.start) ?? start)
    }

    /// What the caller of `restore` hears of the solves.
    private struct Listener {
        let onProgress: ((RestorationProgress) throws -> Void)?
        let checkpoint: (() throws -> Void)?
        /// What is called for a measurement that is left without a result.
        let onFailure: (Int, any Error) throws -> Void
    }

    /// Solves problems of one canvas size, together.
    ///
    /// - Parameter first: the solutions for the images themselves, where the problems are for their mirror images.
    private func solve(
        _ problems: [PosedProblem], _ options: SolverOptions, _ listener: Listener, after first: [Int: SolvedProblem] = [:],
        onEnd: @escaping (SolvedProblem) throws -> Void
    ) throws {
        guard let canvas = problems.first?.canvasShape else { return }
        var solver = solver
        solver.options = options
        solver.options.maximumBatch = min(options.maximumBatch, Restorer.largestBatch(ofPixels: canvas.pixels))
        let began = ContinuousClock.now
        let posed = Dictionary(uniqueKeysWithValues: problems.map { ($0.index, $0) })
        let inverseProblems = try problems.map {
            try listener.checkpoint?()
            return try $0.inverseProblem()
        }
        try solver.restore(
            inverseProblems,
            SolverEvents(
                onProgress: { progress in
                    guard let problem = posed[progress.problem], let onProgress = listener.onProgress else { return }
                    let first = first[progress.problem]
                    try onProgress(
                        RestorationProgress(
                            entry: first?.continued(progress.entry, secondBegan: began) ?? progress.entry, canvasImage: progress.image,
                            posed: problem, first: first))
                }, checkpoint: listener.checkpoint,
                onEnd: { index, result in
                    guard let problem = posed[index] else { return }
                    switch result {
                    case .success(let restoration): try onEnd(SolvedProblem(posed: problem, restoration: restoration, began: began))
                    case .failure(let error): try listener.onFailure(index, error)
                    }
                }))
    }
}
