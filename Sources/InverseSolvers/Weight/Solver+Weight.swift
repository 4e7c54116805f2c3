import ForwardOperators
import GlowModel
import KernelInterface

extension Solver {
    /// Solves the problems as `restore` does, each for the lambda that its criterion finds.
    ///
    /// The search begins with the solve that `restore` makes, for `regularizationWeight`; where that lambda is found to be right, this is
    /// all. Later solves begin at solutions: exact ones take at most 0.4 of the budget each, three of them; those that whiteness looks
    /// further with are rough, ending at a progress of 1e-2 in three steps or after a quarter of the budget, two of them. So a search takes no more
    /// than 2.2 budgets; where solves converge, much less. The search for an image depends on neither its companions nor the number of
    /// threads.
    ///
    /// - Parameters:
    ///   - problems: each with a weight above 0.
    ///   - criteria: one for each problem.
    /// - Throws: as `restore` does; `WeightError`.
    public static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], criteria: [WeightCriterion], flow: Flow, gradientFlow: Flow? = nil,
        options: SolverOptions = SolverOptions(), parallelism: Parallelism, onProgress: ((SolverProgress) throws -> Void)? = nil
    ) throws -> [WeightedRestoration] {
        try SolverEvents.collect(problems.count, onProgress: onProgress) { events in
            var stationaryPrior: StationaryPrior?
            try restore(
                problems: problems, criteria: criteria, flow: flow, gradientFlow: gradientFlow, options: options,
                parallelism: parallelism, stationaryPrior: &stationaryPrior, events)
        }
    }

    /// As above, with each restoration delivered when its search ends, and with a stationary prior as in `restore`. A problem that cannot be
    /// searched or started ends by itself.
    package static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], criteria: [WeightCriterion], flow: Flow, gradientFlow: Flow?, options: SolverOptions,
        parallelism: Parallelism, stationaryPrior: inout StationaryPrior?, _ events: SolverEvents<WeightedRestoration>
    ) throws {
        guard criteria.count == problems.count else {
            throw WeightError.criteria(found: criteria.count, required: problems.count)
        }
        try options.validate()
        // Nil where the search has ended.
        var searches: [WeightedSolve?] = []
        for (index, (problem, criterion)) in zip(problems, criteria).enumerated() {
            do {
                searches.append(try WeightedSolve(problem, criterion, index: index))
            } catch let error as WeightError {
                searches.append(nil)
                try events.onEnd(index, .failure(error))
            }
        }
        for stage in WeightSearch.Stage.allCases {
            while true {
                let members = searches.indices.filter { searches[$0]?.search.stage == stage }
                if members.isEmpty { break }
                try restore(
                    members, of: &searches, flow: flow, gradientFlow: gradientFlow, options: options.forWeight(stage),
                    parallelism: parallelism, stationaryPrior: &stationaryPrior, events)
            }
        }
    }

    /// One solve for each of the members. Those whose search has ended are delivered, and become nil.
    private static func restore<Flow: NormalizingFlow>(
        _ members: [Int], of searches: inout [WeightedSolve?], flow: Flow, gradientFlow: Flow?, options: SolverOptions,
        parallelism: Parallelism, stationaryPrior: inout StationaryPrior?, _ events: SolverEvents<WeightedRestoration>
    ) throws {
        let problems = members.compactMap { searches[$0]?.problem }
        var current = searches
        defer { searches = current }
        let inner = SolverEvents<Restoration>(
            onProgress: { progress in
                let member = members[progress.problem]
                try events.onProgress?(
                    SolverProgress(
                        problem: member, entry: current[member]?.continued(progress.entry) ?? progress.entry, image: progress.image))
            }, checkpoint: events.checkpoint,
            onEnd: { problem, result in
                let member = members[problem]
                switch result {
                case .success(let restoration):
                    try current[member]?.receive(restoration)
                    guard let search = current[member], search.search.isDone, let result = search.result else { return }
                    current[member] = nil
                    try events.onEnd(member, .success(result))
                case .failure(let error):
                    current[member] = nil
                    try events.onEnd(member, .failure((error as? SolverError)?.of(problem: member) ?? error))
                }
            })
        try restore(
            problems: problems, flow: flow, gradientFlow: gradientFlow, options: options, parallelism: parallelism,
            stationaryPrior: &stationaryPrior, inner)
    }
}

extension SolverError {
    /// The same, said of the problem that has this number in another list.
    package func of(problem number: Int) -> SolverError {
        if case .startNotFinite = self { return .startNotFinite(problem: number) }
        return self
    }
}

extension SolverOptions {
    /// Those of a solve at this stage of a search for lambda.
    fileprivate func forWeight(_ stage: WeightSearch.Stage) -> SolverOptions {
        var options = self
        switch stage {
        case .first: break
        case .rough:
            options.maximumEvaluations = max(1, maximumEvaluations / 4)
            options.progressTolerance = max(resolvedProgressTolerance, WeightSearch.roughProgress)
            options.progressWindow = min(progressWindow, WeightSearch.roughWindow)
        case .exact:
            options.maximumEvaluations = max(1, maximumEvaluations * 2 / 5)
            options.progressTolerance = WeightSearch.warmProgress * resolvedProgressTolerance
            options.progressWindow = min(progressWindow, WeightSearch.warmWindow)
        }
        return options
    }
}

/// What can be wrong with a search for lambda. Problems are counted from 0.
public enum WeightError: Error, Equatable, CustomStringConvertible {
    case criteria(found: Int, required: Int)
    case firstWeight(problem: Int, found: Double)
    case variance(problem: Int, found: Double)
    case relativeError(problem: Int, found: Double)
    case noNeighbours(problem: Int)

    public var description: String {
        switch self {
        case .criteria(let found, let required):
            "\(required) problems need as many criteria for their weights, not \(found)"
        case .firstWeight(let problem, let found):
            "problem \(problem): the weight to begin at is \(found), but must be a finite number above 0"
        case .variance(let problem, let found):
            "problem \(problem): the variance of the noise is \(found), but must be a finite number above 0"
        case .relativeError(let problem, let found):
            "problem \(problem): the relative error of the variance is \(found), but must be at least 0 and, where the variance is given, finite"
        case .noNeighbours(let problem):
            "problem \(problem): the whiteness of a residual needs a measurement with neighbouring pixels in two rows, such as an image"
        }
    }
}
