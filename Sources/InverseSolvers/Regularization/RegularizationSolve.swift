import ForwardOperators

/// The solves of one image, one for each lambda of its search.
package struct RegularizationSolve {
    package private(set) var search: RegularizationSearch
    /// The problem with the lambda and the start of the next solve.
    package private(set) var problem: InverseProblem

    /// M, without constant areas.
    private let measuredCount: Double
    private let whiteness: ResidualWhiteness?
    private var path: [RegularizationStep] = []
    /// The last solution that could be the result, with the counts and the trace of all solves.
    private var total: Restoration?

    /// - Throws: `RegularizationError` for a criterion that the problem cannot be solved with.
    package init(_ problem: InverseProblem, _ criterion: RegularizationCriterion) throws {
        let regularizationWeight = problem.regularizationWeight
        guard regularizationWeight.isFinite, regularizationWeight > 0 else {
            throw RegularizationError.firstWeight(problem: problem.id, found: regularizationWeight)
        }
        let measured = problem.forwardOperator.measuredEntries()
        switch criterion {
        case .discrepancy(let variance, let relativeError):
            guard variance.isFinite, variance > 0 else { throw RegularizationError.variance(problem: problem.id, found: variance) }
            guard relativeError.isFinite, relativeError >= 0 else {
                throw RegularizationError.relativeError(problem: problem.id, found: relativeError)
            }
            whiteness = nil
        case .whiteness(let relativeError):
            guard relativeError >= 0 else { throw RegularizationError.relativeError(problem: problem.id, found: relativeError) }
            whiteness = ResidualWhiteness(shape: problem.forwardOperator.measurementShape, measured: measured)
            if whiteness == nil { throw RegularizationError.noNeighbours(problem: problem.id) }
        }
        self.problem = problem
        measuredCount = Self.noisyCount(problem, measured)
        search = RegularizationSearch(criterion, regularizationWeight: regularizationWeight)
    }

    /// How many of the measured numbers hold noise: those in constant areas, such as the bars of a letterbox, do not. Where none is left, all.
    private static func noisyCount(_ problem: InverseProblem, _ measured: [Bool]) -> Double {
        let shape = problem.forwardOperator.measurementShape
        let all = measured.count { $0 }
        let areas = ConstantAreas(problem.measurement, shape, measured: problem.forwardOperator.measuredPixels())
        let noisy = all - shape.channels * areas.count
        return Double(noisy > 0 ? noisy : all)
    }

    /// What was looked at in the solutions so far, from which the search follows.
    private var observations: [RegularizationObservation] = []
    private var isOutOfTime = false

    /// Whether no solve is to follow.
    package var isDone: Bool { search.isDone || isOutOfTime }

    /// What the solves before this one found.
    var state: SolveState? {
        guard let total else { return nil }
        var state = SolveState()
        state.numbers["observations"] = observations.flatMap {
            [$0.squaredResidual, $0.squaredLatent, $0.measuredCount, $0.whiteness, $0.isConverged.asNumber]
        }
        state.numbers["path"] = path.flatMap(\.numbers)
        state.add(total.state, as: "total")
        if case .image(let image) = problem.start { state.vectors["start"] = image }
        return state
    }

    /// - Throws: `SolveStateError`.
    mutating func resume(_ state: SolveState) throws(SolveStateError) {
        let (observed, steps) = (try state.numbers("observations"), try state.numbers("path"))
        path = RegularizationStep.path(steps)
        guard observed.count == 5 * path.count, let part = state.part("total"), let image = state.vectors["start"],
            image.count == problem.forwardOperator.imageShape.count
        else { throw SolveStateError(name: "observations") }
        for first in stride(from: 0, to: observed.count, by: 5) {
            let observation = RegularizationObservation(
                squaredResidual: observed[first], squaredLatent: observed[first + 1], measuredCount: observed[first + 2],
                whiteness: observed[first + 3], isConverged: observed[first + 4] == 1)
            observations.append(observation)
            search.advance(observation)
        }
        guard !search.isDone else { throw SolveStateError(name: "observations") }
        total = try Restoration(resuming: part)
        problem.regularizationWeight = search.regularizationWeight
        problem.start = .image(image)
    }

    /// The next solve, by the options of the first, within the time that those before have left.
    func next(_ options: SolverOptions) -> SolveRequest {
        var options = options.forRegularization(search.stage)
        options.maximumSeconds = max(options.maximumSeconds - (total?.seconds ?? 0), .leastNormalMagnitude)
        return SolveRequest(problem: problem, options: options)
    }

    /// This is nil before the first solve.
    var result: Restoration? {
        guard var result = total else { return nil }
        result.regularizationPath = path
        result.isRegularizationSettled = search.isSettled && !isOutOfTime
        return result
    }

    /// The progress of the solve that runs, as one of all solves.
    func continued(_ progress: SolverProgress) -> SolverProgress {
        SolverProgress(problem: progress.problem, entry: continued(progress.entry), image: progress.image)
    }

    private func continued(_ entry: Trace.Entry) -> Trace.Entry {
        entry.continuing(evaluations: total?.evaluations ?? 0, passes: total?.passes ?? 0, seconds: total?.seconds ?? 0)
    }

    /// Takes the solution of `problem`.
    package mutating func receive(_ restoration: Restoration) throws {
        let residual = try problem.forwardOperator.residual(restoration.image, measurement: problem.measurement)
        let diverged = restoration.stop == .diverged
        let observation = RegularizationObservation(
            squaredResidual: diverged ? .nan : Self.squaredNorm(residual),
            squaredLatent: Self.squaredNorm(restoration.latent), measuredCount: measuredCount,
            whiteness: diverged ? .nan : whiteness?(residual) ?? .nan, isConverged: restoration.stop != .budget && restoration.stop != .time
        )
        path.append(
            RegularizationStep(
                regularizationWeight: search.regularizationWeight, dataFidelity: restoration.dataFidelity, prior: restoration.prior,
                measure: search.measure(observation), evaluations: restoration.evaluations))
        accumulate(restoration)
        observations.append(observation)
        search.advance(observation)
        isOutOfTime = restoration.stop == .time
        problem.regularizationWeight = search.regularizationWeight
        problem.start = .image(search.stage == .coarse ? restoration.image : total?.image ?? restoration.image)
    }

    private mutating func accumulate(_ restoration: Restoration) {
        let isResult = total == nil || (search.stage != .coarse && restoration.stop != .diverged)
        var sum = isResult ? restoration : total ?? restoration
        sum.trace.entries = (total?.trace.entries ?? []) + restoration.trace.entries.map { continued($0) }
        sum.evaluations = restoration.evaluations + (total?.evaluations ?? 0)
        sum.gradientPrecisionEvaluations = restoration.gradientPrecisionEvaluations.map { $0 + (total?.gradientPrecisionEvaluations ?? 0) }
        sum.passes = restoration.passes + (total?.passes ?? 0)
        sum.seconds = restoration.seconds + (total?.seconds ?? 0)
        total = sum
    }

    private static func squaredNorm(_ numbers: [Float]) -> Double {
        numbers.reduce(0) { $0 + Double($1) * Double($1) }
    }
}
