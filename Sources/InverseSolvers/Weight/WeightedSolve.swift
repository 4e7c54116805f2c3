import ForwardOperators

/// The solves of one image, one for each lambda of its search.
struct WeightedSolve {
    private(set) var search: WeightSearch
    /// With the lambda and the start of the next solve.
    private(set) var problem: InverseProblem

    private let measuredCount: Double
    private let whiteness: ResidualWhiteness?
    private var path: [WeightStep] = []
    private var total: Restoration?

    /// - Throws: `WeightError` for problem number `index`.
    init(_ problem: InverseProblem, _ criterion: WeightCriterion, index: Int) throws {
        let weight = problem.regularizationWeight
        guard weight.isFinite, weight > 0 else { throw WeightError.firstWeight(problem: index, found: weight) }
        let measured = problem.forwardOperator.measuredEntries()
        switch criterion {
        case .discrepancy(let variance):
            guard variance.isFinite, variance > 0 else { throw WeightError.variance(problem: index, found: variance) }
            whiteness = nil
        case .whiteness:
            whiteness = ResidualWhiteness(shape: problem.forwardOperator.measurementShape, measured: measured)
            if whiteness == nil { throw WeightError.noNeighbours(problem: index) }
        }
        self.problem = problem
        measuredCount = Double(measured.count(where: { $0 }))
        search = WeightSearch(criterion, weight: weight)
    }

    /// Nil before the first solve.
    var result: WeightedRestoration? {
        guard let total, let last = path.last else { return nil }
        return WeightedRestoration(restoration: total, weight: last.weight, path: path, isSettled: search.isSettled)
    }

    /// An entry of the trace of the solve that runs, as one of all solves.
    func continued(_ entry: Trace.Entry) -> Trace.Entry {
        var entry = entry
        entry.evaluation += total?.evaluations ?? 0
        entry.passes += total?.passes ?? 0
        entry.seconds += total?.seconds ?? 0
        return entry
    }

    /// Takes the solution of `problem`.
    mutating func receive(_ restoration: Restoration) throws {
        let residual = try problem.forwardOperator.residual(restoration.image, measurement: problem.measurement)
        let diverged = restoration.stop == .diverged
        let observation = WeightObservation(
            squaredResidual: diverged ? .nan : Self.squaredNorm(residual),
            squaredLatent: Self.squaredNorm(restoration.latent), measuredCount: measuredCount,
            whiteness: diverged ? .nan : whiteness?(residual) ?? .nan, isConverged: restoration.stop != .budget)
        path.append(
            WeightStep(
                weight: search.weight, dataFidelity: restoration.dataFidelity, prior: restoration.prior,
                measure: search.measure(observation), evaluations: restoration.evaluations))
        accumulate(restoration)
        search.advance(observation)
        problem.regularizationWeight = search.weight
        problem.start = .image(restoration.image)
    }

    private mutating func accumulate(_ restoration: Restoration) {
        var sum = restoration
        // A trace counts from the call, a solve from its entry into the batch; the next trace must not go back in time.
        sum.seconds = max(restoration.seconds, restoration.trace.entries.last?.seconds ?? 0)
        sum.trace.entries = (total?.trace.entries ?? []) + restoration.trace.entries.map(continued)
        if let total {
            sum.evaluations += total.evaluations
            sum.roughEvaluations = restoration.roughEvaluations.map { $0 + (total.roughEvaluations ?? 0) }
            sum.passes += total.passes
            sum.seconds += total.seconds
        }
        total = sum
    }

    private static func squaredNorm(_ numbers: [Float]) -> Double {
        numbers.reduce(0) { $0 + Double($1) * Double($1) }
    }
}
