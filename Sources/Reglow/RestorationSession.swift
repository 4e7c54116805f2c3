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
    /// Where each solve begins; nil leaves it to the solver.
    public let start: Initialization?
    private var operators: PosedOperatorCache
    private let stationaryPriors: StationaryPriorCache

    /// Makes a session.
    ///
    /// - Parameters:
    ///   - restorer: who solves.
    ///   - problem: A, up to the seed that each measurement brings.
    ///   - regularization: how lambda is chosen, for each measurement by itself.
    ///   - start: where the solves begin that their measurements name no start for; nil leaves it to the solver.
    public convenience init(_ restorer: Restorer, problem: Problem, regularization: RegularizationRule, start: Initialization? = nil) {
        self.init(restorer, problem: problem, regularization: regularization, start: start, StationaryPriorCache())
    }

    init(
        _ restorer: Restorer, problem: Problem, regularization: RegularizationRule, start: Initialization?,
        _ stationaryPriors: StationaryPriorCache
    ) {
        self.stationaryPriors = stationaryPriors
        self.restorer = restorer
        self.problem = problem
        self.regularization = regularization
        self.start = start
        // Operators run within loops that are recorded already.
        operators = PosedOperatorCache(problem, prior: restorer.prior, parallelism: Parallelism(threads: restorer.parallelism.threads))
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
        var problems: [ProblemToSolve] = []
        for (index, measurement) in measurements.enumerated() {
            try checkpoint?()
            do {
                let posed = try pose(measurement, index)
                problems.append(
                    ProblemToSolve(posed: posed, start: try posed.initialization(at: measurement.start, restorer.prior) ?? start))
            } catch {
                try onEnd(index, .failure(MeasurementError(measurement: index, reason: error)))
            }
        }
        operators.keep(measurements)
        setup?.end()
        let pixelShift = restorer.prior.architecture.pixelShift
        let groups = Dictionary(grouping: problems) { $0.posed.canvasShape }
        for group in groups.values.sorted(by: { $0[0].posed.index < $1[0].posed.index }) {
            let events = GroupEvents(onProgress: onProgress, checkpoint: checkpoint) { index, error in
                try onEnd(index, .failure(MeasurementError(measurement: index, reason: error)))
            }
            guard restorer.options.selfEnsemble else {
                try restorer.solve(group, &stationaryPriors[group[0].posed.canvasShape], events) {
                    try onEnd($0.posed.index, .success(RestoredImage($0, pixelShift: pixelShift)))
                }
                continue
            }
            var member = restorer
            member.options.isSelfEnsembleMember = true
            // A search compares minima.
            let first = group.contains { $0.posed.chosen.criterion != nil } ? restorer : member
            var solved: [SolvedProblem] = []
            try first.solve(group, &stationaryPriors[group[0].posed.canvasShape], events) { solved.append($0) }
            solved.sort { $0.posed.index < $1.posed.index }
            try member.solve(try solved.map { try $0.mirrored() }, &stationaryPriors[group[0].posed.canvasShape], events) { mirrored in
                guard let first = solved.first(where: { $0.posed.index == mirrored.posed.index }) else { return }
                try onEnd(mirrored.posed.index, .success(RestoredImage(first, mirrored: mirrored, pixelShift: pixelShift)))
            }
        }
    }
    private func pose(_ measurement: ImageMeasurement, _ index: Int) throws -> PosedProblem {
        let posedOperator = try operators.posed(for: measurement)
        let fromScene = posedOperator.fromScene
        return PosedProblem(
            index: index, posedOperator,
            measurement: try measurement.values(channels: restorer.prior.imageChannels, as: fromScene.measurementShape),
            chosen: try ChosenRegularization(regularization, for: measurement, of: problem, fromScene))
    }
}

/// What is heard of the solves of one canvas size.
struct GroupEvents {
    let onProgress: ((RestorationProgress) throws -> Void)?
    let checkpoint: (() throws -> Void)?
    /// What is called for a measurement that is left without a result, by its index in the list of measurements.
    let onFailure: (Int, any Error) throws -> Void
}

extension Restorer {
    /// Images of one batch: enough that weights are read for many pixels at once, without taking much memory.
    public static func largestBatch(ofPixels pixels: Int) -> Int { max(1, 16 * 64 * 64 / max(1, pixels)) }

    /// Solves problems of one canvas size, together, from their starts.
    func solve(
        _ problems: [ProblemToSolve], _ stationaryPrior: inout StationaryPrior?, _ group: GroupEvents,
        onEnd: @escaping (SolvedProblem) throws -> Void
    ) throws {
        guard let canvas = problems.first?.posed.canvasShape else { return }
        var options = options
        options.maximumBatch = min(options.maximumBatch, Self.largestBatch(ofPixels: canvas.pixels))
        let began = ContinuousClock.now
        let inverseProblems = try problems.map {
            try group.checkpoint?()
            return try $0.posed.inverseProblem(prior, start: $0.start)
        }
        let onProgress: (SolverProgress) throws -> Void = { progress in
            let problem = problems[progress.problem]
            try group.onProgress?(
                RestorationProgress(
                    entry: problem.first?.continued(progress.entry, secondBegan: began) ?? progress.entry,
                    canvasImage: progress.image, problem: problem, pixelShift: prior.architecture.pixelShift))
        }
        func end(_ number: Int, _ result: Result<RegularizedRestoration, any Error>) throws {
            let posed = problems[number].posed
            switch result {
            case .success(let solution): try onEnd(SolvedProblem(posed: posed, solution: solution, began: began))
            case .failure(let error): try group.onFailure(posed.index, (error as? SolverError)?.of(problem: posed.index) ?? error)
            }
        }
        let criteria = problems.compactMap(\.posed.chosen.criterion)
        if criteria.count == problems.count {
            try Solver.restore(
                problems: inverseProblems, criteria: criteria, flow: prior, gradientPrecisionFlow: gradientPrecisionPrior, options: options,
                parallelism: parallelism, stationaryPrior: &stationaryPrior,
                SolverEvents(onProgress: onProgress, checkpoint: group.checkpoint, onEnd: end))
        } else {
            try Solver.restore(
                problems: inverseProblems, flow: prior, gradientPrecisionFlow: gradientPrecisionPrior, options: options,
                parallelism: parallelism,
                stationaryPrior: &stationaryPrior,
                SolverEvents(onProgress: onProgress, checkpoint: group.checkpoint) { number, result in
                    try end(
                        number,
                        result.map {
                            RegularizedRestoration(
                                restoration: $0, regularizationWeight: problems[number].posed.chosen.regularizationWeight, path: [],
                                isSettled: true)
                        })
                })
        }
    }
}
