import GlowModel
import KernelInterface

/// The entry of the module: restores images with a flow as the prior.
package enum Solver {
    /// Solves the problems, each on its own, with up to `options.maximumBatch` of them sharing every flow evaluation.
    ///
    /// When an image stops, the next problem takes its place. A result is the same to the last bit alone or in
    /// company, and for any number of threads. All problems have the same image shape; grouping by shape is the
    /// caller's work.
    ///
    /// With a `gradientPrecisionFlow`, the same model in a lower precision, the products with the Jacobian in the gradients are its own
    /// until their errors hinder the solve (`StallRule`), each image by its own measure. Values are those of `flow` always,
    /// and so is the result.
    ///
    /// `onProgress` is called on the calling thread, for each accepted iterate of each image.
    ///
    /// - Returns: one restoration for each problem, in their order. A solve that went wrong is no error: it ends with
    ///   a reason, a diagnosis and the best finite point.
    /// - Throws: `SolverError` for options, problems or a gradient flow that are not valid, and for a start whose image is
    ///   not finite; what the flow throws for an image shape that it does not take, and what `onProgress` throws. Then no result is
    ///   returned for any problem.
    package static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], flow: Flow, gradientPrecisionFlow: Flow? = nil, options: SolverOptions = SolverOptions(),
        parallelism: Parallelism, onProgress: ((SolverProgress) throws -> Void)? = nil
    ) throws -> [Restoration] {
        try SolverEvents.collect(problems.count, onProgress: onProgress) { events in
            var stationaryPrior: StationaryPrior?
            try restore(
                problems: problems, flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, options: options, parallelism: parallelism,
                stationaryPrior: &stationaryPrior, events)
        }
    }

    /// As above, with each restoration delivered when its solve ends. A start whose image is not finite is the end of its own problem alone.
    ///
    /// - Parameter stationaryPrior: what an earlier call for this flow and image shape has left; where it is nil, and needed, it is
    ///   fitted and left for the next call.
    package static func restore<Flow: NormalizingFlow>(
        problems: [InverseProblem], flow: Flow, gradientPrecisionFlow: Flow?, options: SolverOptions, parallelism: Parallelism,
        stationaryPrior: inout StationaryPrior?, _ events: SolverEvents<Restoration>
    ) throws {
        let began = ContinuousClock.now
        try options.validate()
        let setup = parallelism.recorder?.begin(.setup)
        guard let first = problems.first else { return }
        try events.checkpoint?()
        let imageShape = first.forwardOperator.imageShape
        guard imageShape.channels > 0, imageShape.height > 0, imageShape.width > 0 else {
            throw SolverError.emptyImage(imageShape)
        }
        for (index, problem) in problems.enumerated() {
            try problem.validate(index: index, imageShape: imageShape)
        }
        if let gradientPrecisionFlow, !gradientPrecisionFlow.sharesPoints(with: flow) { throw SolverError.gradientPrecisionFlow }
        let objective = try Objective(
            flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, imageShape: imageShape,
            measurementCount: problems.map(\.measurement.count).max() ?? 0,
            capacity: options.largestBatch(of: problems.count), formulation: options.formulation ?? .analysis,
            includeLogDeterminant: options.includeLogDeterminant, parallelism: parallelism)
        setup?.end()
        let start = parallelism.recorder?.begin(.start)
        let initializer = try Initializer(flow, imageShape: imageShape, options: options, fitted: stationaryPrior, parallelism: parallelism)
        stationaryPrior = initializer.stationaryPrior
        start?.end()
        if case .gaussNewton(let tolerance, let products) = options.minimizer {
            guard gradientPrecisionFlow == nil else {
                throw SolverError.option(name: "minimizer", found: "gaussNewton", required: "another one with a flow for gradients")
            }
            let gaussNewton = GaussNewton(objective, options: options, tolerance: tolerance, mostProducts: products)
            for (number, problem) in problems.enumerated() {
                let initialPoint = try initializer.initialPoints(of: [problem], objective)[0]
                objective.formulation = .analysis
                do {
                    let restoration = try gaussNewton.restore(problem, number: number, from: initialPoint, events)
                    try events.onEnd(number, .success(restoration))
                } catch let error as SolverError {
                    try events.onEnd(number, .failure(error))
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
