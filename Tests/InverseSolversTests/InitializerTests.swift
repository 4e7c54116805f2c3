import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// `MinimizerChoice.auto`: begins in the latent where something is missing, goes on in the image with a preconditioner.
@Suite struct InitializerTests {
    static let options = SolverTests.options(nil, .auto)

    @Test func reachesTheClosedForm() throws {
        for weight in [1e-3, 0.3, 10] {
            let problem = SolverTests.problem(weight: weight)
            let restoration = try SolverTests.restore([problem], Self.options)[0]
            #expect(relativeError(restoration.image, SolverTests.minimizer(of: problem)) < SolverTests.floor)
        }
    }

    @Test func everyStartReachesTheSameMinimum() throws {
        let starts: [Initialization?] = [
            nil, .zero, .normalizedAdjoint, .image(normalNumbers(SolverTests.shape.count, seed: 23)), .random(seed: 24),
        ]
        let problems = starts.map { SolverTests.problem(start: $0) }
        for restoration in try SolverTests.restore(problems, Self.options) {
            #expect(relativeError(restoration.image, SolverTests.minimizer(of: problems[0])) < SolverTests.floor)
        }
    }

    @Test func agreesWithAnalysisThroughANonlinearFlow() throws {
        let flow = ToyFlow(dimension: SolverTests.shape.count, strength: 0.3)
        func restore(_ options: SolverOptions) throws -> Restoration {
            try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore([SolverTests.problem()])[0]
        }
        let (auto, analysis) = (try restore(Self.options), try restore(SolverTests.options(.analysis)))
        #expect(relativeError(auto.image, analysis.image.map(Double.init)) < SolverTests.floor)
        #expect(auto.objective <= analysis.objective * (1 + 1e-6))
    }

    @Test func theTraceTellsTheUnknownAndTheObjectiveFalls() throws {
        var options = Self.options
        options.maximumEvaluations = 24
        let trace = try SolverTests.restore([SolverTests.problem()], options)[0].trace.entries
        let change = try #require(trace.firstIndex { $0.unknown == .analysis })
        #expect(change > 0)
        #expect(trace[..<change].allSatisfy { $0.unknown == .synthesis })
        #expect(trace[change...].allSatisfy { $0.unknown == .analysis })
        #expect(trace[change - 1].evaluation == 8, "a third of all")
        #expect(trace[change].step == 0)
        // A change of the unknown evaluates the same point once more, through the other map.
        for (entry, next) in zip(trace, trace.dropFirst()) { #expect(next.objective <= entry.objective * (1 + 1e-6)) }
    }

    /// A quarter of the latent of what the stationary prior would restore.
    @Test func beginsNearTheStationaryPrior() throws {
        var one = Self.options
        one.maximumEvaluations = 1
        let problem = SolverTests.problem()
        let prior = try StationaryPrior(
            SolverTests.flow, imageShape: SolverTests.shape, parallelism: Parallelism(threads: 1))
        let mean = try #require(
            try WienerPreconditioner(
                prior, forwardOperator: problem.forwardOperator, regularizationWeight: problem.regularizationWeight
            ).posteriorMean(of: problem.measurement))
        let latent = zip(SolverTests.flow.linearPart * mean.map(Double.init), SolverTests.flow.bias).map { 0.25 * ($0 + $1) }
        #expect(relativeError(try SolverTests.restore([problem], one)[0].latent, latent) < 1e-5)
    }

    /// From the image that the stationary prior would restore.
    @Test func staysInTheImageWhereNothingIsMissing() throws {
        let count = SolverTests.shape.count
        let matrix = 0.3 * ReferenceMatrix.normal(rows: count, columns: count, seed: 21)
        let problem = InverseProblem(
            forwardOperator: MatrixOperator(matrix: matrix, imageShape: SolverTests.shape),
            measurement: normalNumbers(count, seed: 22), regularizationWeight: 0.3)
        let restoration = try SolverTests.restore([problem], Self.options)[0]
        #expect(restoration.trace.entries.allSatisfy { $0.unknown == .analysis })
        #expect(restoration.passes == 2 * restoration.evaluations + 5)
        #expect(relativeError(restoration.image, SolverTests.minimizer(of: problem, matrix: matrix)) < SolverTests.floor)

        var one = Self.options
        one.maximumEvaluations = 1
        let prior = try StationaryPrior(SolverTests.flow, imageShape: SolverTests.shape, parallelism: Parallelism(threads: 1))
        let mean = try #require(
            try WienerPreconditioner(
                prior, forwardOperator: problem.forwardOperator, regularizationWeight: problem.regularizationWeight
            ).posteriorMean(of: problem.measurement))
        #expect(try SolverTests.restore([problem], one)[0].image == mean)
    }

    @Test func anImageAsStartStaysInTheImage() throws {
        let start = normalNumbers(SolverTests.shape.count, seed: 23)
        let trace = try SolverTests.restore([SolverTests.problem(start: .image(start))], Self.options)[0].trace.entries
        #expect(trace.allSatisfy { $0.unknown == .analysis })
    }

    @Test func passesAreCounted() throws {
        let restoration = try SolverTests.restore([SolverTests.problem()], Self.options)[0]
        // Two for an evaluation, one to the first latent, five for the stationary prior.
        #expect(restoration.passes == 2 * restoration.evaluations + 6)
        #expect(restoration.trace.entries.allSatisfy { $0.passes == 2 * $0.evaluation + 6 })
    }

    /// The log-determinant has no gradient in the latent, so the solve begins in the image.
    @Test func theLogDeterminantCounts() throws {
        let flow = ToyFlow(dimension: SolverTests.shape.count, strength: 0.4)
        func restore(_ choice: MinimizerChoice) throws -> Restoration {
            var options = SolverTests.options(nil, choice)
            options.includeLogDeterminant = true
            return try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore([SolverTests.problem()])[0]
        }
        let (auto, plain) = (try restore(.auto), try restore(.lbfgs()))
        #expect(relativeError(auto.image, plain.image.map(Double.init)) < SolverTests.floor)
        #expect(auto.trace.entries.allSatisfy { $0.unknown == .analysis })
    }

    /// Rough gradients in both unknowns, and exact ones at the end.
    @Test func gradientPrecisionReachesTheSameMinimum() throws {
        let problem = SolverTests.problem()
        let restoration = try GradientPrecisionTests.restore([problem], Self.options)[0]
        #expect(relativeError(restoration.image, SolverTests.minimizer(of: problem)) < SolverTests.floor)
        #expect(restoration.gradientPrecisionEvaluations.map { (1 ..< restoration.evaluations).contains($0) } == true)
    }
}
