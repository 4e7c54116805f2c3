import ForwardOperators
import Foundation
import InverseSolvers
import KernelInterface
import Testing

/// lambda from the data over a linear flow, where the minimum for each lambda is known.
@Suite struct WeightTests {
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
        _ problems: [InverseProblem], _ criteria: [WeightCriterion], _ options: SolverOptions = SolverTests.options(.analysis),
        flow: ToyFlow = SolverTests.flow, threads: Int = 1, onProgress: ((SolverProgress) -> Void)? = nil
    ) throws -> [WeightedRestoration] {
        try Solver.restore(
            problems: problems, criteria: criteria, flow: flow, options: options, parallelism: Parallelism(threads: threads),
            onProgress: onProgress)
    }

    /// The search ends where the next step would change lambda by less than a quarter.
    func expectNear(_ found: WeightedRestoration, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(found.isSettled, sourceLocation: sourceLocation)
        #expect(abs(log(found.weight / expected)) < 0.3, "\(found.weight) for \(expected)", sourceLocation: sourceLocation)
        #expect(found.path.last?.weight == found.weight, sourceLocation: sourceLocation)
    }

    @Test(arguments: Formulation.allCases, [0.01, 0.1, 1])
    func discrepancyIsMet(formulation: Formulation, expected: Double) throws {
        let variance = Self.statistic(weight: expected) / Double(Self.measurements)
        for first in [expected / 40, expected, 40 * expected] {
            let found = try Self.search(
                [SolverTests.problem(weight: first)], [.discrepancy(variance: variance)], SolverTests.options(formulation))[0]
            expectNear(found, expected)
            let minimizer = SolverTests.minimizer(of: SolverTests.problem(weight: found.weight))
            #expect(relativeError(found.restoration.image, minimizer) < SolverTests.floor)
        }
    }

    /// A search for the whitest residual, which is that of lambda = 2e-4 and has the variance 1e-4; that of other lambdas has a variance
    /// that grows with the power `exponent` of lambda. Also returns how many rough solves it took.
    static func whitenessSearch(from first: Double, exponent: Double) -> (search: WeightSearch, roughSolves: Int) {
        var search = WeightSearch(.whiteness, weight: first)
        var solves = 0
        while search.stage == .rough {
            solves += 1
            let distance = log(search.weight / 2e-4)
            search.advance(
                WeightObservation(
                    squaredResidual: 90 * 1e-4 * exp(exponent * distance), squaredLatent: 10, measuredCount: 100,
                    whiteness: exp(0.3 * distance * distance)))
        }
        return (search, solves)
    }

    @Test(arguments: [5e-5, 1e-4])
    func whitenessTakesTheVarianceOfTheWhitestResidual(first: Double) {
        var (search, solves) = Self.whitenessSearch(from: first, exponent: 0.3)
        #expect(solves == WeightSearch.mostRoughSolves)
        #expect(abs(log(search.weight / 1e-4)) < 0.25)
        #expect(search.isSettled)
        search.advance(WeightObservation(squaredResidual: 1, squaredLatent: 1, measuredCount: 100, whiteness: 1))
        #expect(search.isDone)
    }

    @Test func aVarianceThatHardlyChangesEndsTheSearchForTheWhitest() {
        let (search, solves) = Self.whitenessSearch(from: 1e-4, exponent: 0.05)
        #expect(solves == 2)
        #expect(abs(log(search.weight / 1e-4)) < 0.1)
        #expect(search.isSettled)
    }

    @Test func whitenessFarFromTheFirstWeightIsNotSettled() {
        let (search, solves) = Self.whitenessSearch(from: 1e-9, exponent: 0.3)
        #expect(solves == WeightSearch.mostRoughSolves)
        #expect(!search.isSettled)
    }

    /// S of a solve without end is too large: that lambda should fall does not follow, that it should rise does.
    @Test func aSolveThatRanOutDoesNotLowerTheWeight() {
        func next(squaredResidual: Double, isConverged: Bool) -> WeightSearch {
            var search = WeightSearch(.discrepancy(variance: 1), weight: 1)
            search.advance(
                WeightObservation(
                    squaredResidual: squaredResidual, squaredLatent: 10, measuredCount: 100, isConverged: isConverged))
            return search
        }
        #expect(next(squaredResidual: 150, isConverged: false).weight == 1)
        #expect(next(squaredResidual: 150, isConverged: true).weight < 1)
        #expect(next(squaredResidual: 50, isConverged: false).weight > 1)
        var search = next(squaredResidual: 150, isConverged: false)
        #expect(search.stage == .exact)
        search.advance(
            WeightObservation(squaredResidual: 150, squaredLatent: 10, measuredCount: 100, isConverged: false))
        #expect(search.isDone && !search.isSettled)
    }

    @Test func aTargetOutOfReachIsNotSettled() throws {
        let found = try Self.search([SolverTests.problem(weight: 1)], [.discrepancy(variance: 1e9)])[0]
        #expect(!found.isSettled)
        #expect(found.weight > 50)
    }

    /// What stands at the missing pixels counts neither among the measurements nor as a residual.
    @Test func missingPixelsDoNotCount() throws {
        let mask = try Mask(imageShape: SolverTests.shape, keep: (0 ..< 12).map { $0 % 3 != 0 })
        func weight(missing: Float, _ criterion: WeightCriterion) throws -> Double {
            let y = normalNumbers(12, seed: 77).enumerated().map { $0 % 3 == 0 ? missing : $1 }
            let problem = InverseProblem(forwardOperator: mask, measurement: y, regularizationWeight: 0.1)
            return try Self.search([problem], [criterion])[0].weight
        }
        let y = normalNumbers(12, seed: 77).enumerated().map { $0 % 3 == 0 ? 0 : $1 }
        let problem = InverseProblem(forwardOperator: mask, measurement: y, regularizationWeight: 0.1)
        let last = try #require(try Self.search([problem], [.discrepancy(variance: 0.3)])[0].path.last)
        #expect(abs(last.measure - 2 * (last.dataFidelity + last.prior) / (8 * 0.3)) < 1e-5)
        for criterion in [WeightCriterion.discrepancy(variance: 0.3), .whiteness] {
            #expect(abs(try weight(missing: 3, criterion) / weight(missing: 0, criterion) - 1) < 0.01, "\(criterion)")
        }
    }

    /// Five passes for the stationary prior of an image as small as this, which all solves share, and one to the first latent; later solves begin at images.
    @Test func theStationaryPriorIsFittedOnce() throws {
        let found = try Self.search([SolverTests.problem(weight: 0.01)], [.discrepancy(variance: 0.1)], AutoSolveTests.options)[0]
        #expect(found.path.count > 1)
        #expect(found.restoration.passes == 2 * found.restoration.evaluations + 6)
    }

    @Test func theResultCountsAllSolves() throws {
        var seen: [Trace.Entry] = []
        let found = try Self.search([SolverTests.problem(weight: 0.01)], [.discrepancy(variance: 0.1)]) { seen.append($0.entry) }[0]
        #expect(found.path.count > 1)
        #expect(found.restoration.evaluations == found.path.reduce(0) { $0 + $1.evaluations })
        #expect(found.restoration.passes >= 2 * found.restoration.evaluations)
        #expect(found.restoration.dataFidelity == found.path.last?.dataFidelity)
        #expect(found.restoration.prior == found.path.last?.prior)
        #expect(found.restoration.trace.entries == seen)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.evaluation < $1.evaluation && $0.seconds <= $1.seconds })
    }

    @Test(arguments: [WeightCriterion.discrepancy(variance: 1e-4), .discrepancy(variance: 1), .whiteness], [4, 5, 9, 40])
    func theBudgetBoundsTheSearch(criterion: WeightCriterion, budget: Int) throws {
        var options = SolverTests.options(.analysis)
        options.maximumEvaluations = budget
        let identity = try Identity(imageShape: SolverTests.shape)
        let problem = InverseProblem(
            forwardOperator: identity, measurement: normalNumbers(12, seed: 78), regularizationWeight: 30)
        let found = try Self.search([problem], [criterion], options)[0]
        #expect(Double(found.restoration.evaluations) <= 2.25 * Double(budget))
    }

    @Test(arguments: Formulation.allCases)
    func searchesKnowNothingOfEachOther(formulation: Formulation) throws {
        var options = SolverOptions()
        options.formulation = formulation
        options.minimizer = .lbfgs()
        let criteria: [WeightCriterion] = [0.3, 0.1, 0.05, 3, 1].map { .discrepancy(variance: $0) }
        func search(_ indices: [Int], threads: Int) throws -> [WeightedRestoration] {
            try Self.search(
                indices.map { BatchTests.problems[$0] }, indices.map { criteria[$0] }, options, flow: BatchTests.flow,
                threads: threads)
        }
        let together = try search(Array(0 ..< 5), threads: 2)
        for index in 0 ..< 5 {
            let alone = try search([index], threads: 1)[0]
            #expect(alone.path == together[index].path)
            #expect(alone.restoration.image.map(\.bitPattern) == together[index].restoration.image.map(\.bitPattern))
            #expect(alone.isSettled == together[index].isSettled)
        }
        #expect(Set(together.map(\.path.count)).count > 1)
    }

    @Test func aSolveThatDivergesEndsTheSearch() throws {
        let flow = ToyFlow(dimension: SolverTests.shape.count, strength: 0, wall: 5)
        let start = [Float](repeating: 6, count: SolverTests.shape.count)
        let found = try Self.search([SolverTests.problem(start: .image(start))], [.discrepancy(variance: 1)], flow: flow)[0]
        #expect(found.restoration.stop == .diverged)
        #expect(found.path.count == 1)
        #expect(!found.isSettled)
    }

    @Test func whatCannotBeSearchedForIsRefused() {
        func error(_ problems: [InverseProblem], _ criteria: [WeightCriterion]) -> String? {
            do {
                _ = try Self.search(problems, criteria)
                return nil
            } catch { return "\(error)" }
        }
        let problem = SolverTests.problem()
        #expect(error([], []) == nil)
        #expect(error([problem], []) == "1 problems need as many criteria for their weights, not 0")
        for weight in [0, -1, Double.nan, .infinity] {
            let bad = SolverTests.problem(weight: weight)
            #expect(error([problem, bad], [.discrepancy(variance: 1), .discrepancy(variance: 1)])?.hasPrefix("problem 1: the weight to begin at is \(weight)") == true)
        }
        for variance in [0, -1, Double.nan, .infinity] {
            #expect(
                error([problem], [.discrepancy(variance: variance)])?.hasPrefix("problem 0: the variance of the noise is \(variance)")
                    == true)
        }
        #expect(error([problem], [.whiteness])?.hasPrefix("problem 0: the whiteness of a residual needs") == true)
    }
}
