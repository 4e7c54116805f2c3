import Files
import ForwardOperators
import GlowModel
import KernelInterface

extension Solver {
    /// Solves the problems as `restore` does, each for the lambda that its criterion finds.
    ///
    /// The search begins with the solve that `restore` makes, for `regularizationWeight`; where that lambda is found to be right, this is
    /// all. Later solves begin at solutions: exact ones take at most 0.4 of the budget each, three of them; those that whiteness looks
    /// further with are coarse, ending at a progress of 1e-2 in three steps or after a quarter of the budget, two of them. So a search takes no more
    /// than 2.2 budgets; where solves converge, much less. The search for an image depends on neither its companions nor the number of
    /// threads.
    ///
    /// - Parameters:
    ///   - problems: each with a regularization weight above 0.
    ///   - criteria: one for each problem.
    /// - Throws: as `restore` does; `RegularizationError`.
    package static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], criteria: [RegularizationCriterion], flow: Flow, gradientPrecisionFlow: Flow? = nil,
        options: SolverOptions = SolverOptions(), parallelism: Parallelism, onProgress: ((SolverProgress) throws -> Void)? = nil
    ) throws -> [RegularizedRestoration] {
        try SolverEvents.collect(problems.count, onProgress: onProgress) { events in
            var stationaryPrior: StationaryPrior?
            try restore(
                problems: problems, criteria: criteria, flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, options: options,
                parallelism: parallelism, stationaryPrior: &stationaryPrior, events)
        }
    }

    /// As above, with each restoration delivered when its search ends, and with a stationary prior as in `restore`. A problem that cannot be
    /// searched or started ends by itself.
    package static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], criteria: [RegularizationCriterion], flow: Flow, gradientPrecisionFlow: Flow?, options: SolverOptions,
        parallelism: Parallelism, stationaryPrior: inout StationaryPrior?, _ events: SolverEvents<RegularizedRestoration>
    ) throws {
        guard criteria.count == problems.count else {
            throw RegularizationError.criteria(found: criteria.count, required: problems.count)
        }
        try options.validate()
        // Nil where the search has ended.
        var searches: [RegularizationSolve?] = []
        for (index, (problem, criterion)) in zip(problems, criteria).enumerated() {
            do {
                searches.append(try RegularizationSolve(problem, criterion, index: index))
            } catch let error as RegularizationError {
                searches.append(nil)
                try events.onEnd(index, .failure(error))
            }
        }
        for stage in RegularizationSearch.Stage.allCases {
            while true {
                let members = searches.indices.filter { searches[$0]?.search.stage == stage }
                if members.isEmpty { break }
                try restore(
                    members, of: &searches, flow: flow, gradientPrecisionFlow: gradientPrecisionFlow,
                    options: options.forRegularization(stage),
                    parallelism: parallelism, stationaryPrior: &stationaryPrior, events)
            }
        }
    }

    /// One solve for each of the members. Those whose search has ended are delivered, and become nil.
    private static func restore<Flow: NormalizingFlow>(
        _ members: [Int], of searches: inout [RegularizationSolve?], flow: Flow, gradientPrecisionFlow: Flow?, options: SolverOptions,
        parallelism: Parallelism, stationaryPrior: inout StationaryPrior?, _ events: SolverEvents<RegularizedRestoration>
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
            problems: problems, flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, options: options, parallelism: parallelism,
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
    /// The options of a solve at this stage of a search for lambda.
    fileprivate func forRegularization(_ stage: RegularizationSearch.Stage) -> SolverOptions {
        var options = self
        switch stage {
        case .first: break
        case .coarse:
            options.maximumEvaluations = max(1, maximumEvaluations / 4)
            options.progressTolerance = max(resolvedProgressTolerance, RegularizationSearch.coarseProgress)
            options.progressWindow = min(progressWindow, RegularizationSearch.coarseWindow)
        case .exact:
            options.maximumEvaluations = max(1, maximumEvaluations * 2 / 5)
            options.progressTolerance = RegularizationSearch.warmProgress * resolvedProgressTolerance
            options.progressWindow = min(progressWindow, RegularizationSearch.warmWindow)
        }
        return options
    }
}

/// What can be wrong with a search for lambda. Problems are counted from 0.
package enum RegularizationError: ReglowError, Equatable {
    case criteria(found: Int, required: Int)
    case firstWeight(problem: Int, found: Double)
    case variance(problem: Int, found: Double)
    case relativeError(problem: Int, found: Double)
    case noNeighbours(problem: Int)

    package var category: ReglowErrorCategory { .problem }

    package var description: String {
        switch self {
        case .criteria(let found, let required):
            "\(required) problems need as many criteria for their regularization weights, not \(found)"
        case .firstWeight(let problem, let found):
            "problem \(problem): the regularization weight to begin at is \(found), but must be a finite number above 0"
        case .variance(let problem, let found):
            "problem \(problem): the variance of the noise is \(found), but must be a finite number above 0"
        case .relativeError(let problem, let found):
            "problem \(problem): the relative error of the variance is \(found), but must be at least 0 and, where the variance is given, finite"
        case .noNeighbours(let problem):
            "problem \(problem): the whiteness of a residual needs a measurement with neighbouring pixels in two rows, such as an image"
        }
    }
}
