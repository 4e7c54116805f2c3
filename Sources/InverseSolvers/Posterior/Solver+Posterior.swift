import ForwardOperators
import GlowModel
import KernelInterface

/// What became of one chain.
package struct ChainReport: Sendable {
    /// The mean acceptance after the burn-in.
    package let acceptance: Double
    /// The step size after the burn-in.
    package let stepSize: Double

    package init(acceptance: Double, stepSize: Double) { (self.acceptance, self.stepSize) = (acceptance, stepSize) }
}

/// A draw of a chain.
package struct PosteriorDraw {
    /// The number of the chain, from 0.
    package let chain: Int
    /// The number of the draw in its chain, from 0.
    package let index: Int
    /// x, in the range of the model.
    package let image: [Float]
    /// C grad U(x), with C of `StationaryPosterior` and U minus the logarithm of the posterior density. Its mean over the posterior is 0, since a
    /// density falls to 0 on all sides, whatever C is; and it is x less the mean where the posterior is N(mean, C).
    package let deflection: [Float]
    /// The logarithm of the posterior density, up to a constant.
    package let logDensity: Double
}

/// A problem whose posterior is sampled, and where its chains begin.
package struct PosteriorView {
    package let problem: InverseProblem
    /// An image near which all its chains begin, such as the mode.
    package let start: [Float]

    package init(problem: InverseProblem, start: [Float]) { (self.problem, self.start) = (problem, start) }
}

/// What the caller of `Solver.sample` hears, all on the calling thread. What one of them throws ends the call.
package struct PosteriorEvents {
    /// Called before each evaluation.
    package var checkpoint: (() throws -> Void)?
    /// Called when all chains have ended a trajectory: how many they have ended, of how many, and their mean acceptance in this one.
    package var onProgress: ((_ done: Int, _ of: Int, _ acceptance: Double) throws -> Void)?
    /// Called for each draw.
    package var onDraw: (PosteriorDraw) throws -> Void

    package init(
        checkpoint: (() throws -> Void)? = nil, onProgress: ((_ done: Int, _ of: Int, _ acceptance: Double) throws -> Void)? = nil,
        onDraw: @escaping (PosteriorDraw) throws -> Void
    ) {
        (self.checkpoint, self.onProgress, self.onDraw) = (checkpoint, onProgress, onDraw)
    }
}

extension Solver {
    /// Draws images x from the posterior of a problem, by chains that share the flow's evaluations:
    ///
    ///     p(x | y) ~ exp(-1/2 |A x - y|^2 / lambda - 1/2 |f(x)|^2) |det J_f(x)|
    ///
    /// with lambda the variance of the noise. See `HamiltonianChain`. A draw depends on the problem, the start, the options and the number of
    /// its chain alone: it is the same to the last bit for any number of threads.
    ///
    /// - Parameters:
    ///   - views: one problem, or several for images of one shape, between which the chains are divided: the first chains are of the first.
    /// - Returns: what became of each chain.
    /// - Throws: `SolverError` for options or a problem that are not valid, for lambda = 0, and where the density is not finite at a start;
    ///   what the flow throws for an image shape that it does not take, and what `events` throw.
    package func sample(_ views: [PosteriorView], _ posteriorOptions: PosteriorOptions, _ events: PosteriorEvents) throws -> [ChainReport] {
        try posteriorOptions.validate(views: views.count)
        guard let shape = views.first?.problem.forwardOperator.imageShape else { return [] }
        for view in views { try validate(view, shape) }
        let prior = try stationaryPrior(shape)
        guard prior.isFinite else { throw SolverError.startNotFinite(problem: views[0].problem.id) }
        let capacity = min(posteriorOptions.chains, options.maximumBatch)
        let objective = try Objective(
            flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, imageShape: shape,
            measurementCount: views.map(\.problem.measurement.count).max() ?? 0, capacity: capacity, formulation: .analysis,
            includeLogDeterminant: true, parallelism: parallelism)
        let staysOnCallingThread = views.contains { $0.problem.forwardOperator.staysOnCallingThread }
        let chainsOfView = posteriorOptions.chains / views.count
        var chains = Chains(
            try views.enumerated().flatMap {
                try makeChains($1, $0 * chainsOfView ..< ($0 + 1) * chainsOfView, prior: prior, posteriorOptions)
            },
            terms: views.flatMap { [ObjectiveTerms](repeating: $0.problem.terms, count: chainsOfView) }, objective: objective,
            options: posteriorOptions, isShared: !VectorLoops.shares(shape.count) && !staysOnCallingThread,
            usesGradientPrecision: gradientPrecisionFlow != nil, parallelism: parallelism)
        return try chains.run(events, problem: views[0].problem.id)
    }

    private func validate(_ view: PosteriorView, _ shape: ImageShape) throws {
        let problem = view.problem
        try problem.validate(imageShape: shape)
        guard problem.regularizationWeight > 0 else {
            throw SolverError.regularizationWeight(problem: problem.id, found: problem.regularizationWeight)
        }
        guard view.start.count == shape.count else {
            throw SolverError.length(problem: problem.id, of: "start image", expected: shape.count, found: view.start.count)
        }
    }

    private func makeChains(
        _ view: PosteriorView, _ numbers: Range<Int>, prior: StationaryPrior, _ posteriorOptions: PosteriorOptions
    ) throws -> [HamiltonianChain] {
        let problem = view.problem
        let own = VectorLoops.shares(view.start.count) ? parallelism : .serial
        let rows = (problem.forwardOperator as? any MatrixBackedOperator)?.rows
        let covariance = try rows.flatMap {
            try MeasurementCovariance(
                prior, rows: $0, regularizationWeight: problem.regularizationWeight, parallelism: parallelism)
        }
        return try numbers.map { number in
            HamiltonianChain(
                at: view.start,
                posterior: try StationaryPosterior(
                    prior, forwardOperator: problem.forwardOperator, regularizationWeight: problem.regularizationWeight,
                    covariance: covariance, parallelism: own),
                regularizationWeight: problem.regularizationWeight, steps: posteriorOptions.stepsPerSample,
                generator: SeededGenerator(seed: posteriorOptions.seed, stream: .posterior, index: UInt64(number)), loops: VectorLoops(own))
        }
    }
}

/// The chains of one image, which go in step.
private struct Chains<Flow: NormalizingFlow> {
    private let chains: [HamiltonianChain]
    /// The terms of each chain.
    private let terms: [ObjectiveTerms]
    private let objective: Objective<Flow>
    private let options: PosteriorOptions
    private let isShared: Bool
    private let usesGradientPrecision: Bool
    private let parallelism: Parallelism
    /// Sums over the draws of each chain.
    private var acceptances: [Double]

    /// - Parameter isShared: whether threads share the chains; else each has all of them, or the calling one does all.
    init(
        _ chains: [HamiltonianChain], terms: [ObjectiveTerms], objective: Objective<Flow>, options: PosteriorOptions, isShared: Bool,
        usesGradientPrecision: Bool, parallelism: Parallelism
    ) {
        (self.chains, self.terms, self.objective, self.options) = (chains, terms, objective, options)
        (self.isShared, self.usesGradientPrecision, self.parallelism) = (isShared, usesGradientPrecision, parallelism)
        acceptances = [Double](repeating: 0, count: chains.count)
    }

    mutating func run(_ events: PosteriorEvents, problem: Int) throws -> [ChainReport] {
        let trajectories = options.burnIn + options.drawsOfChain
        _ = try advance(events, problem: problem)
        for done in 0 ..< trajectories {
            var transitions: [HamiltonianChain.Transition?] = []
            for _ in 0 ..< options.stepsPerSample { transitions = try advance(events, problem: problem) }
            // A chain that has left the finite images has ended its trajectory before the others, and waits at its transition.
            for (number, chain) in chains.enumerated() {
                guard let transition = transitions[number] else { continue }
                if done < options.burnIn {
                    chain.learn(transition)
                    if done + 1 == options.burnIn { chain.finishBurnIn() }
                } else {
                    acceptances[number] += transition.acceptance
                    try events.onDraw(
                        PosteriorDraw(
                            chain: number, index: done - options.burnIn, image: chain.image.array, deflection: chain.imageForce.array,
                            logDensity: -chain.potential))
                }
            }
            let mean = transitions.reduce(0) { $0 + ($1?.acceptance ?? 0) } / Double(chains.count)
            try events.onProgress?(done + 1, trajectories, mean)
            if done + 1 < trajectories { forEachChain(0 ..< chains.count) { chains[$0].begin() } }
        }
        return chains.indices.map {
            ChainReport(acceptance: acceptances[$0] / Double(options.drawsOfChain), stepSize: chains[$0].adaptation.stepSize)
        }
    }

    /// One evaluation for each chain.
    private func advance(_ events: PosteriorEvents, problem: Int) throws -> [HamiltonianChain.Transition?] {
        var transitions = [HamiltonianChain.Transition?](repeating: nil, count: chains.count)
        for first in stride(from: 0, to: chains.count, by: objective.capacity) {
            try events.checkpoint?()
            let group = first ..< min(first + objective.capacity, chains.count)
            for number in group { objective.setUnknown(number - first, to: chains[number].unknown) }
            objective.evaluate(Array(terms[group]), isInGradientPrecision: usesGradientPrecision)
            for number in group where chains[number].isBeginning && !objective.evaluations[number - first].isFinite {
                throw SolverError.startNotFinite(problem: problem)
            }
            let n = objective.imageShape.count
            objective.gradients.withUnsafeBufferPointer { gradients in
                transitions.withUnsafeMutableBufferPointer { transitions in
                    guard let gradients = gradients.baseAddress else { return }
                    forEachChain(group) { number in
                        transitions[number] = chains[number].receive(
                            objective.evaluations[number - first], gradient: gradients + (number - first) * n)
                    }
                }
            }
        }
        return transitions
    }

    private func forEachChain(_ group: Range<Int>, _ body: (Int) -> Void) {
        guard isShared else {
            for number in group { body(number) }
            return
        }
        parallelism.forEach(group.count, .minimizer) { task, _ in body(group.lowerBound + task) }
    }
}
