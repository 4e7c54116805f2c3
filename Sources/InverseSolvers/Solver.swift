import GlowModel
import KernelInterface

/// Restores images with a flow as the prior: the entry of the module.
///
/// It holds what many calls share: the flow, and what was learnt of it on each image shape. Copies, with other options for example, share that
/// too.
package struct Solver<Flow: NormalizingFlow> {
    /// The prior.
    package let flow: Flow
    /// The same model in a lower precision: the products with the Jacobian in the gradients are its own until their errors hinder the solve
    /// (`StallRule`), each image by its own measure. Values are those of `flow` always, and so is the result. Nil leaves all to `flow`.
    package let gradientPrecisionFlow: Flow?
    /// The minimizer, and when it stops.
    package var options: SolverOptions
    let parallelism: Parallelism
    private let stationaryPriors = StationaryPriorCache()

    package init(
        flow: Flow, gradientPrecisionFlow: Flow? = nil, options: SolverOptions = SolverOptions(), parallelism: Parallelism
    ) {
        self.flow = flow
        self.gradientPrecisionFlow = gradientPrecisionFlow
        self.options = options
        self.parallelism = parallelism
    }

    /// Solves the problems, each on its own, with up to `options.maximumBatch` of them sharing every flow evaluation.
    ///
    /// When an image stops, the next problem takes its place. A result is the same to the last bit alone or in
    /// company, and for any number of threads. All problems have the same image shape; grouping by shape is the
    /// caller's work.
    ///
    /// A problem with a criterion is solved for the lambda that the criterion finds. The search begins with the solve that it has without one,
    /// for its `regularizationWeight`; where that lambda is found to be right, this is all. Later solves begin at solutions: exact ones take
    /// at most 0.4 of the budget each, three of them; those that whiteness looks further with are coarse, ending at a progress of 1e-2 in
    /// three steps or after a quarter of the budget, two of them. So a search takes no more than 2.2 budgets; where solves converge, much less.
    ///
    /// - Parameters:
    ///   - problems: each with an `id` of its own.
    ///   - events: hears each accepted iterate and each restoration. A solve that went wrong is no error: it ends with a reason, a diagnosis
    ///     and the best finite point. A start whose image is not finite (`SolverError`) and a criterion that cannot be used
    ///     (`RegularizationError`) end their own problem alone.
    /// - Throws: `SolverError` for options, problems or a gradient flow that are not valid; what the flow throws for an image shape that it
    ///   does not take, and what `events` throw.
    package func restore(_ problems: [InverseProblem], _ events: SolverEvents) throws {
        try options.validate()
        // Those whose lambda is searched for, until it is found.
        var searches: [Int: RegularizationSolve] = [:]
        var first: [InverseProblem] = []
        for problem in problems {
            do {
                if let criterion = problem.criterion { searches[problem.id] = try RegularizationSolve(problem, criterion) }
                first.append(problem)
            } catch let error as RegularizationError {
                try events.onEnd(problem.id, .failure(error))
            }
        }
        let searching = SolverEvents(
            onProgress: { try events.onProgress?(searches[$0.problem]?.continued($0) ?? $0) }, checkpoint: events.checkpoint,
            onEnd: { id, result in
                guard searches[id] != nil, case .success(let restoration) = result else {
                    searches[id] = nil
                    return try events.onEnd(id, result)
                }
                try searches[id]?.receive(restoration)
                guard let search = searches[id], search.search.isDone, let found = search.result else { return }
                searches[id] = nil
                try events.onEnd(id, .success(found))
            })
        try solve(first, options, searching)
        for stage in RegularizationSearch.Stage.allCases {
            while true {
                let members = problems.compactMap { searches[$0.id] }.filter { $0.search.stage == stage }
                if members.isEmpty { break }
                try solve(members.map(\.problem), options.forRegularization(stage), searching)
            }
        }
    }

    /// Solves the problems as the other call does, and returns the restorations in their order. What it reports is the position of a problem, not its `id`.
    ///
    /// - Parameter onProgress: called on the calling thread, for each accepted iterate of each image.
    /// - Throws: as the other call does, and the first error that ends a problem.
    package func restore(
        _ problems: [InverseProblem], onProgress: ((SolverProgress) throws -> Void)? = nil
    ) throws -> [Restoration] {
        var numbered = problems
        for index in numbered.indices { numbered[index].id = index }
        var restorations = [Restoration?](repeating: nil, count: problems.count)
        try restore(numbered, SolverEvents(onProgress: onProgress, onEnd: { restorations[$0] = try $1.get() }))
        return restorations.compactMap { $0 }
    }

    /// One solve for each of the problems, for the lambda that it names.
    private func solve(_ problems: [InverseProblem], _ options: SolverOptions, _ events: SolverEvents) throws {
        let began = ContinuousClock.now
        let setup = parallelism.recorder?.begin(.setup)
        guard let first = problems.first else { return }
        try events.checkpoint?()
        let imageShape = first.forwardOperator.imageShape
        guard imageShape.channels > 0, imageShape.height > 0, imageShape.width > 0 else {
            throw SolverError.emptyImage(imageShape)
        }
        for problem in problems { try problem.validate(imageShape: imageShape) }
        if let gradientPrecisionFlow, !gradientPrecisionFlow.sharesPoints(with: flow) { throw SolverError.gradientPrecisionFlow }
        let objective = try Objective(
            flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, imageShape: imageShape,
            measurementCount: problems.map(\.measurement.count).max() ?? 0,
            capacity: options.largestBatch(of: problems.count), formulation: options.formulation ?? .analysis,
            includeLogDeterminant: options.includeLogDeterminant, parallelism: parallelism)
        setup?.end()
        let start = parallelism.recorder?.begin(.start)
        let initializer = try Initializer(
            flow, imageShape: imageShape, options: options, fitted: stationaryPriors[imageShape], parallelism: parallelism)
        stationaryPriors[imageShape] = initializer.stationaryPrior
        start?.end()
        if case .gaussNewton(let tolerance, let products) = options.minimizer {
            guard gradientPrecisionFlow == nil else {
                throw SolverError.option(name: "minimizer", found: "gaussNewton", required: "another one with a flow for gradients")
            }
            let gaussNewton = GaussNewton(objective, options: options, tolerance: tolerance, mostProducts: products)
            for problem in problems {
                let initialPoint = try initializer.initialPoints(of: [problem], objective)[0]
                objective.formulation = .analysis
                do {
                    let restoration = try gaussNewton.restore(problem, from: initialPoint, events)
                    try events.onEnd(problem.id, .success(restoration))
                } catch let error as SolverError {
                    try events.onEnd(problem.id, .failure(error))
                }
            }
            return
        }
        var batch = Batch(
            objective: objective, initializer: initializer, problems: problems, options: options,
            startsInGradientPrecision: gradientPrecisionFlow != nil,
            parallelism: parallelism, began: began)
        try batch.run(events)
    }
}
