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
    package let parallelism: Parallelism
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
        guard let imageShape = problems.first?.forwardOperator.imageShape else { return }
        for problem in problems where problem.criterion == nil { try problem.validate(imageShape: imageShape) }
        let requests = problems.map { SolveRequest(problem: $0, options: options) }
        try restore(SolveQueue(requests, capacity: options.largestBatch(of: problems.count)), imageShape: imageShape, events)
    }

    /// Solves what a queue gives, all of one image shape, as the other call does; each problem by the options of its request, whose minimizer
    /// is that of `options`. A request that is not valid, or whose state is not its own, ends its own problem alone.
    ///
    /// - Throws: what the flow throws for an image shape that it does not take, and what the queue and `events` throw.
    package func restore(_ queue: SolveQueue, imageShape: ImageShape, _ events: SolverEvents) throws {
        var searches: [Int: (solve: RegularizationSolve, options: SolverOptions)] = [:]
        /// The first solve of a request; nil where it has failed.
        func begun(_ request: SolveRequest) throws -> SolveRequest? {
            var begun = request
            begun.state = request.state?.part(StatePart.solve)
            do {
                if request.state != nil, begun.state == nil { throw SolveStateError(name: StatePart.solve) }
                guard let criterion = request.problem.criterion else { return begun }
                var search = try RegularizationSolve(request.problem, criterion)
                if let state = request.state?.part(StatePart.search) {
                    try search.resume(state)
                    begun = search.next(request.options)
                    begun.state = request.state?.part(StatePart.solve)
                }
                searches[request.problem.id] = (search, request.options)
                return begun
            } catch {
                return try events.onEnd(request.problem.id, .failure(error))
            }
        }
        var searching = SolverEvents(
            onProgress: { try events.onProgress?(searches[$0.problem]?.solve.continued($0) ?? $0) }, checkpoint: events.checkpoint,
            onEnd: { id, result in
                if case .success(let restoration) = result, searches[id] != nil {
                    try searches[id]?.solve.receive(restoration)
                    guard let (search, options) = searches[id] else { return nil }
                    guard search.isDone, let found = search.result else { return search.next(options) }
                    searches[id] = nil
                    return try events.onEnd(id, .success(found)).flatMap(begun)
                }
                searches[id] = nil
                return try events.onEnd(id, result).flatMap(begun)
            })
        searching.isTimeUp = events.isTimeUp
        searching.saveSeconds = events.saveSeconds
        if let onSave = events.onSave {
            searching.onSave = { id, seconds, state in
                try onSave(id, seconds) {
                    var whole = SolveState()
                    whole.add(state(), as: StatePart.solve)
                    if let search = searches[id]?.solve.state { whole.add(search, as: StatePart.search) }
                    return whole
                }
            }
        }
        let source = SolveQueue(capacity: queue.capacity) { mayWait in
            while let request = try queue.source(mayWait) {
                if let begun = try begun(request) { return begun }
            }
            return nil
        }
        try solve(source, imageShape: imageShape, searching)
    }

    /// What is known of the flow on images of this shape, learnt where it was not yet; it may not be finite.
    func stationaryPrior(_ imageShape: ImageShape) throws -> StationaryPrior {
        if let known = stationaryPriors[imageShape] { return known }
        let made = try StationaryPrior(flow, imageShape: imageShape, parallelism: parallelism)
        if made.isFinite { stationaryPriors[imageShape] = made }
        return made
    }

    /// The parts of a state: of the solve, and of the search that it is one of.
    private enum StatePart {
        static var solve: String { "solve" }
        static var search: String { "search" }
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
        try restore(
            numbered,
            SolverEvents(onProgress: onProgress) {
                restorations[$0] = try $1.get()
                return nil
            })
        return restorations.compactMap { $0 }
    }

    /// One solve for each of the requests, for the lambda that it names.
    private func solve(_ queue: SolveQueue, imageShape: ImageShape, _ events: SolverEvents) throws {
        let began = ContinuousClock.now
        let setup = parallelism.recorder?.begin(.setup)
        try events.checkpoint?()
        guard imageShape.channels > 0, imageShape.height > 0, imageShape.width > 0 else {
            throw SolverError.emptyImage(imageShape)
        }
        if let gradientPrecisionFlow, !gradientPrecisionFlow.sharesPoints(with: flow) { throw SolverError.gradientPrecisionFlow }
        let objective = try Objective(
            flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, imageShape: imageShape, measurementCount: 0,
            capacity: queue.capacity, formulation: options.formulation ?? .analysis,
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
            return try solve(queue, objective, initializer, events) {
                GaussNewton(objective, options: $0, tolerance: tolerance, mostProducts: products)
            }
        }
        var batch = Batch(
            objective: objective, initializer: initializer, queue: queue, startsInGradientPrecision: gradientPrecisionFlow != nil,
            parallelism: parallelism, began: began)
        try batch.run(events)
    }

    /// One after the other, by the method of Gauss and Newton, whose solves leave no state.
    private func solve(
        _ queue: SolveQueue, _ objective: Objective<Flow>, _ initializer: Initializer, _ events: SolverEvents,
        gaussNewton: (SolverOptions) -> GaussNewton<Flow>
    ) throws {
        var queue = queue
        while let request = try queue.next(1, mayWait: true).first {
            let id = request.problem.id
            let result: Result<Restoration, any Error>
            do {
                try request.validate(imageShape: objective.imageShape)
                objective.reserve(measurementCount: request.problem.measurement.count)
                let initialPoint = try initializer.initialPoints(of: [request], objective)[0]
                objective.formulation = .analysis
                result = .success(try gaussNewton(request.options).restore(request.problem, from: initialPoint, events))
            } catch let error as SolverError {
                result = .failure(error)
            }
            if let follower = try events.onEnd(id, result) { queue.add(follower) }
        }
    }
}
