import ForwardOperators
import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// lambda from the data over a linear flow, where the minimum for each lambda is known.
@Suite struct RegularizationSearchTests {
    static let measurements = 8

    /// S = |A x - y|^2 + lambda |z|^2 at the minimizer x of the problem.
    static func statistic(weight: Double) -> Double {
        let problem = SolverTests.problem(weight: weight)
        let x = SolverTests.minimizer(of: problem)
        let residual = zip(SolverTests.matrix * x, problem.measurement).map { $0 - Double($1) }
        let latent = zip(SolverTests.flow.linearPart * x, SolverTests.flow.bias).map { $0 + $1 }
        return residual.reduce(0) { $0 + $1 * $1 } + weight * latent.reduce(0) { $0 + $1 * $1 }
    }

    static func search(
        _ problems: [InverseProblem], _ criteria: [RegularizationCriterion], _ options: SolverOptions = SolverTests.options(.analysis),
        flow: ToyFlow = SolverTests.flow, threads: Int = 1, onProgress: ((SolverProgress) -> Void)? = nil
    ) throws -> [Restoration] {
        try Solver(flow: flow, options: options, parallelism: Parallelism(threads: threads))
            .restore(zip(problems, criteria).map { Self.problem($0, $1) }, onProgress: onProgress)
    }

    private static func problem(_ problem: InverseProblem, _ criterion: RegularizationCriterion) -> InverseProblem {
        var problem = problem
        problem.criterion = criterion
        return problem
    }

    /// The lambda at which the sum of squares of `RegularizationCriterion.discrepancy` is the least, where S is `statistic(lambda)`.
    static func mostProbable(
        variance: Double, measurements: Int, relativeError: Double = 0, statistic: (Double) -> Double
    ) -> Double {
        let scale = RegularizationCriterion.scaleDeviation
        let deviation = RegularizationCriterion.statisticDeviation
        let spread = deviation * deviation + 2 / Double(measurements) + relativeError * relativeError
        let candidates = (-600 ... 600).map { variance * exp(0.01 * Double($0)) }
        let costs = candidates.map { weight in
            let h = log(statistic(weight) / (Double(measurements) * variance))
            return pow(log(weight / variance) / scale, 2) + h * h / spread
        }
        return zip(candidates, costs).min { $0.1 < $1.1 }?.0 ?? .nan
    }

    @Test(arguments: Formulation.allCases, [0.02, 0.1, 1])
    func discrepancyFindsTheMostProbable(formulation: Formulation, variance: Double) throws {
        let expected = Self.mostProbable(variance: variance, measurements: Self.measurements) { Self.statistic(weight: $0) }
        for first in [expected / 20, expected, 20 * expected] {
            let problem = SolverTests.problem(weight: first)
            let found = try Self.search([problem], [.discrepancy(variance: variance)], SolverTests.options(formulation))[0]
            #expect(found.isRegularizationSettled)
            #expect(abs(log(found.regularizationWeight / expected)) < 0.2, "\(found.regularizationWeight) for \(expected)")
            #expect(found.regularizationPath.last?.regularizationWeight == found.regularizationWeight)
            #expect((found.regularizationPath.count == 1) == (first == expected))
            let minimizer = SolverTests.minimizer(of: SolverTests.problem(weight: found.regularizationWeight))
            #expect(relativeError(found.image, minimizer) < SolverTests.floor)
        }
    }

    /// Where the first lambda is right, the search is the solve without a search, bit for bit.
    @Test func theFirstSolveIsThatWithoutASearch() throws {
        let variance = Self.mostProbable(variance: 0.1, measurements: Self.measurements) { Self.statistic(weight: $0) }
        let problem = SolverTests.problem(weight: variance)
        let found = try Self.search([problem], [.discrepancy(variance: 0.1)], InitializerTests.options)[0]
        let plain = try SolverTests.restore([problem], InitializerTests.options)[0]
        #expect(found.regularizationPath.count == 1)
        #expect(found.image.map(\.bitPattern) == plain.image.map(\.bitPattern))
        #expect(found.evaluations == plain.evaluations)
    }

    /// A search where all of M measured numbers are of one kind: y with |y|^2 = M (sigma^2 + energy), A and f the identity, so that
    /// z = y / (1 + lambda), S = lambda / (1 + lambda) |y|^2. The prior's scale is right where the energy is 1.
    static func discrepancySearch(
        variance: Double, energy: Double, relativeError: Double, measurements: Int
    ) -> (found: RegularizationSearch, expected: Double) {
        let squared = Double(measurements) * (variance + energy)
        func observation(_ weight: Double) -> RegularizationObservation {
            RegularizationObservation(
                squaredResidual: squared * pow(weight / (1 + weight), 2), squaredLatent: squared / pow(1 + weight, 2),
                measuredCount: Double(measurements))
        }
        var search = RegularizationSearch(.discrepancy(variance: variance, relativeError: relativeError), regularizationWeight: variance)
        while !search.isDone { search.advance(observation(search.regularizationWeight)) }
        let expected = mostProbable(variance: variance, measurements: measurements, relativeError: relativeError) {
            squared * $0 / (1 + $0)
        }
        return (search, expected)
    }

    @Test(arguments: [0.01, 0.3, 3], [0.1, 0.7, 1, 1.6, 9])
    func aScaleThatIsWrongIsMadeGoodAsFarAsItCanBeKnown(variance: Double, energy: Double) {
        for (measurements, relativeError) in [(30, 0), (30, 0.3), (10_000, 0), (10_000, 0.3)] {
            let (search, expected) = Self.discrepancySearch(
                variance: variance, energy: energy, relativeError: relativeError, measurements: measurements)
            #expect(search.isSettled)
            #expect(abs(log(search.regularizationWeight / expected)) < 0.2, "\(search.regularizationWeight) for \(expected)")
        }
    }

    /// Little noise shows the scale well, and few measured numbers or a doubtful sigma show it badly.
    @Test func doubtKeepsLambdaAtTheVariance() {
        func shift(variance: Double, relativeError: Double = 0, measurements: Int = 10_000) -> Double {
            log(
                Self.discrepancySearch(
                    variance: variance, energy: 0.5, relativeError: relativeError, measurements: measurements
                ).found.regularizationWeight / variance)
        }
        #expect((0.5 ... 0.75).contains(shift(variance: 0.01)))
        for other in [shift(variance: 0.01, relativeError: 0.5), shift(variance: 0.01, measurements: 8), shift(variance: 9)] {
            #expect((0 ... 0.4).contains(other))
        }
    }

    /// The first solution stays the result, and its lambda, where solves after it only looked further.
    @Test func coarseSolutionsAreNoResult() throws {
        let identity = try Identity(imageShape: SolverTests.shape)
        var kept = 0
        for seed in 80 ..< 100 as Range<UInt64> {
            let problem = InverseProblem(
                forwardOperator: identity, measurement: normalNumbers(12, seed: seed), regularizationWeight: 0.5)
            let found = try Self.search([problem], [.whiteness()])[0]
            #expect(found.regularizationPath.count > 1)
            #expect(found.regularizationPath.contains { $0.regularizationWeight == found.regularizationWeight })
            #expect(found.regularizationPath.reduce(0) { $0 + $1.evaluations } == found.evaluations)
            let plain = try SolverTests.restore([problem], SolverTests.options(.analysis))[0]
            let isFirst = found.regularizationWeight == 0.5
            #expect((found.image == plain.image) == isFirst)
            if isFirst { kept += 1 }
        }
        #expect(kept > 0 && kept < 20)
    }

    /// A coarse solve begins at the last solution, an exact one at the last that could be the result.
    @Test func solvesBeginAtSolutions() throws {
        let identity = try Identity(imageShape: SolverTests.shape)
        let problem = InverseProblem(forwardOperator: identity, measurement: normalNumbers(12, seed: 81), regularizationWeight: 1e-3)
        var solve = try RegularizationSolve(problem, .whiteness())
        let first = try SolverTests.restore([problem], SolverTests.options(.analysis))[0]
        var starts: [[Float]] = []
        for seed in 0 ..< 4 as Range<UInt64> where !solve.search.isDone {
            var solution = first
            if seed > 0 { solution.image = normalNumbers(12, seed: 90 + seed) }
            let isCoarse = solve.search.stage == .coarse
            try solve.receive(solution)
            guard !solve.search.isDone, case .image(let start) = solve.problem.start else { continue }
            #expect(start == (solve.search.stage == .coarse || !isCoarse ? solution.image : first.image))
            starts.append(start)
        }
        #expect(starts.count > 1)
    }

    /// S of a solve without end is too large: that lambda should fall does not follow, that it should rise does.
    @Test func aSolveThatRanOutDoesNotLowerTheWeight() {
        func next(squaredResidual: Double, isConverged: Bool) -> RegularizationSearch {
            var search = RegularizationSearch(.discrepancy(variance: 1), regularizationWeight: 1)
            search.advance(
                RegularizationObservation(
                    squaredResidual: squaredResidual, squaredLatent: 50, measuredCount: 100, isConverged: isConverged))
            return search
        }
        let stopped = next(squaredResidual: 150, isConverged: false)
        #expect(stopped.regularizationWeight == 1 && stopped.isDone && !stopped.isSettled)
        #expect(next(squaredResidual: 150, isConverged: true).regularizationWeight < 1)
        #expect(next(squaredResidual: 10, isConverged: false).regularizationWeight > 1)
    }

    @Test func aTargetOutOfReachIsNotSettled() throws {
        let found = try Self.search([SolverTests.problem(weight: 1)], [.discrepancy(variance: 1e9)])[0]
        #expect(!found.isRegularizationSettled)
        #expect(found.regularizationWeight > 50)
    }

    /// What stands at the missing pixels counts neither among the measurements nor as a residual.
    @Test func missingPixelsDoNotCount() throws {
        let mask = try Mask(imageShape: SolverTests.shape, keep: (0 ..< 12).map { $0 % 3 != 0 })
        func weight(missing: Float, _ criterion: RegularizationCriterion) throws -> Double {
            let y = normalNumbers(12, seed: 77).enumerated().map { $0 % 3 == 0 ? missing : $1 }
            let problem = InverseProblem(forwardOperator: mask, measurement: y, regularizationWeight: 0.1)
            return try Self.search([problem], [criterion])[0].regularizationWeight
        }
        let y = normalNumbers(12, seed: 77).enumerated().map { $0 % 3 == 0 ? 0 : $1 }
        let problem = InverseProblem(forwardOperator: mask, measurement: y, regularizationWeight: 0.1)
        let last = try #require(try Self.search([problem], [.discrepancy(variance: 0.3)])[0].regularizationPath.last)
        #expect(abs(last.measure - 2 * (last.dataFidelity + last.prior) / (8 * 0.3)) < 1e-5)
        for criterion in [RegularizationCriterion.discrepancy(variance: 0.3), .whiteness()] {
            #expect(abs(try weight(missing: 3, criterion) / weight(missing: 0, criterion) - 1) < 0.01, "\(criterion)")
        }
    }

    /// Five passes for the stationary prior of an image as small as this, which all solves share, and one to the first latent; later solves begin at images.
    @Test func theStationaryPriorIsFittedOnce() throws {
        let found = try Self.search([SolverTests.problem(weight: 0.01)], [.discrepancy(variance: 0.1)], InitializerTests.options)[0]
        #expect(found.regularizationPath.count > 1)
        #expect(found.passes == 2 * found.evaluations + 6)
    }

    @Test func theResultCountsAllSolves() throws {
        var seen: [Trace.Entry] = []
        let found = try Self.search([SolverTests.problem(weight: 0.01)], [.discrepancy(variance: 0.1)]) { seen.append($0.entry) }[0]
        #expect(found.regularizationPath.count > 1)
        #expect(found.evaluations == found.regularizationPath.reduce(0) { $0 + $1.evaluations })
        #expect(found.passes >= 2 * found.evaluations)
        #expect(found.dataFidelity == found.regularizationPath.last?.dataFidelity)
        #expect(found.prior == found.regularizationPath.last?.prior)
        #expect(found.trace.entries == seen)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.evaluation < $1.evaluation && $0.seconds <= $1.seconds })
    }

    @Test(arguments: [RegularizationCriterion.discrepancy(variance: 1e-4), .discrepancy(variance: 1), .whiteness()], [4, 5, 9, 40])
    func theBudgetBoundsTheSearch(criterion: RegularizationCriterion, budget: Int) throws {
        var options = SolverTests.options(.analysis)
        options.maximumEvaluations = budget
        let identity = try Identity(imageShape: SolverTests.shape)
        let problem = InverseProblem(
            forwardOperator: identity, measurement: normalNumbers(12, seed: 78), regularizationWeight: 30)
        let found = try Self.search([problem], [criterion], options)[0]
        #expect(Double(found.evaluations) <= 2.25 * Double(budget))
    }

    @Test(arguments: Formulation.allCases)
    func searchesKnowNothingOfEachOther(formulation: Formulation) throws {
        var options = SolverOptions()
        options.formulation = formulation
        options.minimizer = .lbfgs()
        let criteria: [RegularizationCriterion] = [0.3, 0.1, 0.05, 3, 1].map { .discrepancy(variance: $0) }
        func search(_ indices: [Int], threads: Int) throws -> [Restoration] {
            try Self.search(
                indices.map { BatchTests.problems[$0] }, indices.map { criteria[$0] }, options, flow: BatchTests.flow,
                threads: threads)
        }
        let together = try search(Array(0 ..< 5), threads: 2)
        for index in 0 ..< 5 {
            let alone = try search([index], threads: 1)[0]
            #expect(alone.regularizationPath == together[index].regularizationPath)
            #expect(alone.image.map(\.bitPattern) == together[index].image.map(\.bitPattern))
            #expect(alone.isRegularizationSettled == together[index].isRegularizationSettled)
        }
        #expect(Set(together.map(\.regularizationPath.count)).count > 1)
    }

    /// One call solves problems with and without a criterion, and names each by its own number.
    @Test func notEveryProblemNeedsACriterion() throws {
        var problems = BatchTests.problems.prefix(3).map { $0 }
        problems[1].criterion = .discrepancy(variance: 0.3)
        let ids = [7, 3, 5]
        for (index, id) in ids.enumerated() { problems[index].id = id }
        let solver = Solver(flow: BatchTests.flow, options: SolverTests.options(.analysis), parallelism: Parallelism(threads: 1))
        var ended: [Int: Restoration] = [:]
        var seen: Set<Int> = []
        try solver.restore(
            problems,
            SolverEvents(
                onProgress: { seen.insert($0.problem) },
                onEnd: {
                    ended[$0] = try $1.get(); return nil
                }))
        #expect(seen == Set(ids) && Set(ended.keys) == Set(ids))
        for (problem, id) in zip(problems, ids) {
            let alone = try solver.restore([problem])[0]
            #expect(ended[id]?.image.map(\.bitPattern) == alone.image.map(\.bitPattern))
            #expect(ended[id]?.regularizationPath.isEmpty == (problem.criterion == nil))
        }
    }

    @Test func aSolveThatDivergesEndsTheSearch() throws {
        let flow = ToyFlow(dimension: SolverTests.shape.count, strength: 0, wall: 5)
        let start = [Float](repeating: 6, count: SolverTests.shape.count)
        let found = try Self.search([SolverTests.problem(start: .image(start))], [.discrepancy(variance: 1)], flow: flow)[0]
        #expect(found.stop == .diverged)
        #expect(found.regularizationPath.count == 1)
        #expect(!found.isRegularizationSettled)
    }

    @Test func whatCannotBeSearchedForIsRefused() {
        func error(_ problems: [InverseProblem], _ criteria: [RegularizationCriterion]) -> String? {
            do {
                _ = try Self.search(problems, criteria)
                return nil
            } catch { return "\(error)" }
        }
        let problem = SolverTests.problem()
        #expect(error([], []) == nil)
        for weight in [0, -1, Double.nan, .infinity] {
            let bad = SolverTests.problem(weight: weight)
            #expect(
                error([problem, bad], [.discrepancy(variance: 1), .discrepancy(variance: 1)])?.hasPrefix(
                    "problem 1: the regularization weight to begin at is \(weight)") == true)
        }
        for relativeError in [-1, Double.nan, .infinity] {
            let expected = "problem 0: the relative error of the variance is \(relativeError)"
            #expect(error([problem], [.discrepancy(variance: 1, relativeError: relativeError)])?.hasPrefix(expected) == true)
        }
        for variance in [0, -1, Double.nan, .infinity] {
            #expect(
                error([problem], [.discrepancy(variance: variance)])?.hasPrefix("problem 0: the variance of the noise is \(variance)")
                    == true)
        }
        #expect(error([problem], [.whiteness()])?.hasPrefix("problem 0: the whiteness of a residual needs") == true)
    }
}
