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
    ///
    /// - Parameter options: of its solves; nil is those of this session.
    func session(
        for problem: Problem, _ regularization: RegularizationRule, start: Initialization? = nil, options: SolverOptions? = nil
    ) -> RestorationSession {
        var restorer = restorer
        if let options { restorer.options = options }
        return RestorationSession(restorer, solver, problem: problem, regularization: regularization, start: start ?? self.start)
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
        try restore(measurements, RestorationStream.Events(onProgress: onProgress, checkpoint: checkpoint, onEnd: onEnd))
    }

    /// The same with all that can be heard and asked. What has not begun when the call is cancelled
    /// has no end.
    package func restore(_ measurements: [ImageMeasurement], _ events: RestorationStream.Events) throws {
        let setup = restorer.parallelism.recorder?.begin(.setup)
        var problems: [PosedProblem] = []
        for (index, measurement) in measurements.enumerated() {
            try events.checkpoint?()
            if events.isCancelled?() == true { break }
            do {
                problems.append(try pose(measurement, index))
            } catch {
                try events.onEnd(index, .failure(MeasurementError(measurement: index, reason: error)))
            }
        }
        setup?.end()
        try restorer.options.validate()
        let groups = Dictionary(grouping: problems, by: \.canvasShape)
        for (canvas, group) in groups.sorted(by: { $0.value[0].index < $1.value[0].index }) {
            try validateChoices(canvas)
            var rest = group[...]
            try RestorationStream(solver, canvas: canvas, most: group.count).run(events) { _ in
                events.isCancelled?() == true ? nil : rest.popFirst()
            }
        }
    }

    /// What the call chose for all measurements is no fault of one of them.
    ///
    /// - Throws: `SolverError` for a lambda that cannot be, and a start that does not have the shape of the canvas.
    private func validateChoices(_ canvas: ImageShape) throws(SolverError) {
        if case .fixed(let weight) = regularization, !(weight >= 0 && weight <= Double(Float.greatestFiniteMagnitude)) {
            throw SolverError.regularizationWeight(problem: 0, found: weight)
        }
        if case .image(let image) = start, image.count != canvas.count {
            throw SolverError.length(problem: 0, of: "start image", expected: canvas.count, found: image.count)
        }
    }

    /// The problem of a measurement, which events name by this index.
    ///
    /// - Throws: what is wrong with the measurement.
    func pose(_ measurement: ImageMeasurement, _ index: Int) throws -> PosedProblem {
        let posedOperator = try operators.posed(for: measurement)
        let fromScene = posedOperator.fromScene
        let posed = PosedProblem(
            index: index, posedOperator: posedOperator,
            measurement: try measurement.values(channels: restorer.prior.imageChannels, as: fromScene.measurementShape),
            copies: measurement.isGrey ? restorer.prior.imageChannels : 1,
            chosen: try ChosenRegularization(regularization, for: measurement, of: problem, fromScene), options: restorer.options,
            start: try posedOperator.initialization(at: measurement.start) ?? start)
        let card = restorer.prior.card
        if let levels = card.noiseLevels, posed.noise(seenBy: levels) == nil, !posed.canBeSplit {
            throw ProblemError.noisyPrior(card.name ?? "that was given")
        }
        return posed
    }
}
