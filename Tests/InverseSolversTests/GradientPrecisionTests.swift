import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// Solves whose gradients begin on a rougher flow, here one whose results are rounded to bfloat16.
@Suite struct GradientPrecisionTests {
    static let rough = ToyFlow(dimension: SolverTests.shape.count, strength: 0, precision: .bf16)

    static func restore(
        _ problems: [InverseProblem], _ options: SolverOptions, flow: ToyFlow = SolverTests.flow, gradientPrecisionFlow: ToyFlow? = rough,
        threads: Int = 1
    ) throws -> [Restoration] {
        try Solver(flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, options: options, parallelism: Parallelism(threads: threads))
            .restore(problems)
    }

    /// E of an image on the exact flow.
    static func objective(of image: [Float]) throws -> Double {
        var one = SolverOptions()
        one.maximumEvaluations = 1
        return try SolverTests.restore([SolverTests.problem(start: .image(image))], one)[0].objective
    }

    @Test(arguments: Formulation.allCases, [MinimizerChoice.gradientDescent, .adam(learningRate: 0.05), .lbfgs()])
    func reachesTheMinimumThatTheLowPrecisionMisses(formulation: Formulation, choice: MinimizerChoice) throws {
        let options = SolverTests.options(formulation, choice)
        let problem = SolverTests.problem()
        let minimizer = SolverTests.minimizer(of: problem)
        let alone = try Self.restore([problem], options, flow: Self.rough, gradientPrecisionFlow: nil)[0]
        let both = try Self.restore([problem], options)[0]
        let exact = try SolverTests.restore([problem], options)[0]
        #expect(relativeError(alone.image, minimizer) > SolverTests.floor)
        #expect(relativeError(both.image, minimizer) < SolverTests.floor)
        // Values of E in single precision are apart by 6e-8 of themselves.
        #expect(both.objective <= exact.objective * (1 + 1e-6))
        #expect(try Self.objective(of: alone.image) > exact.objective * (1 + 2e-6))
        #expect(both.gradientPrecisionEvaluations.map { 0 < $0 && $0 < both.evaluations } == true)
    }

    @Test func theTraceSaysWhereItSwitched() throws {
        for choice in [MinimizerChoice.gradientDescent, .adam(learningRate: 0.05), .lbfgs()] {
            let restoration = try Self.restore([SolverTests.problem()], SolverTests.options(.analysis, choice))[0]
            let switched = try #require(restoration.gradientPrecisionEvaluations)
            #expect(restoration.passes == 2 * restoration.evaluations)
            let entries = restoration.trace.entries
            for entry in entries { #expect(entry.gradientPrecision == (entry.evaluation <= switched ? .bf16 : .fp32)) }
            // The first exact gradient is that of the last iterate, where the objective is what it was.
            let first = try #require(entries.first { $0.gradientPrecision == .fp32 })
            let last = try #require(entries.last { $0.gradientPrecision == .bf16 })
            #expect(first.evaluation == switched + 1)
            #expect(first.objective == last.objective)
            #expect(first.gradientNorm != last.gradientNorm)
            let lines = restoration.trace.csv.split(separator: "\n").dropFirst()
            #expect(lines.map { $0.split(separator: ",").last.map(String.init) } == entries.map(\.gradientPrecision.rawValue))
        }
    }

    /// A result is one of the exact flow, however small the budget.
    @Test(arguments: Formulation.allCases, [1, 2, 3, 10, 11, 40])
    func theBudgetIsKept(formulation: Formulation, budget: Int) throws {
        var options = SolverTests.options(formulation)
        options.maximumEvaluations = budget
        let restoration = try Self.restore([SolverTests.problem()], options)[0]
        #expect(restoration.evaluations <= budget)
        #expect(restoration.gradientPrecisionEvaluations.map { $0 <= restoration.evaluations } == true)
        let objective = try Self.objective(of: restoration.image)
        #expect(abs(restoration.objective - objective) <= 1e-6 * objective)
    }

    @Test func withoutAGradientFlowThereIsNoSwitch() throws {
        for flow in [SolverTests.flow, Self.rough] {
            let restoration = try Self.restore(
                [SolverTests.problem()], SolverTests.options(.analysis), flow: flow, gradientPrecisionFlow: nil)[0]
            #expect(restoration.gradientPrecisionEvaluations == nil)
            #expect(restoration.trace.entries.allSatisfy { $0.gradientPrecision == flow.precision })
        }
    }

    /// Gradients without errors are not given up early: the solve converges on them, and one evaluation confirms that.
    @Test func exactGradientsAreNotLeftEarly() throws {
        var options = SolverTests.options(.analysis)
        options.gradientTolerance = 1e-3
        let exact = try SolverTests.restore([SolverTests.problem()], options)[0]
        #expect(exact.stop == .gradient)
        let both = try Self.restore([SolverTests.problem()], options, gradientPrecisionFlow: SolverTests.flow)[0]
        #expect(both.stop == exact.stop)
        #expect(both.gradientPrecisionEvaluations == exact.evaluations)
        #expect(both.evaluations == exact.evaluations + 1)
        #expect(both.image == exact.image)
    }

    /// Values are exact, so a solve whose objective hardly falls ends, whatever its gradients; unless the gradients are why it does not.
    @Test func anObjectiveThatHardlyFallsIsAnEnd() throws {
        var options = SolverTests.options(.analysis)
        options.progressTolerance = 1e-2
        let exact = try SolverTests.restore([SolverTests.problem()], options)[0]
        let both = try Self.restore([SolverTests.problem()], options)[0]
        #expect(exact.stop == .progress && both.stop == .progress)
        #expect(both.gradientPrecisionEvaluations == both.evaluations)
        #expect(abs(both.objective - exact.objective) <= 1e-2 * exact.objective)

        options.progressTolerance = 1e-6
        let hindered = try Self.restore([SolverTests.problem()], options)[0]
        #expect(hindered.gradientPrecisionEvaluations.map { $0 < hindered.evaluations } == true)
        #expect(relativeError(hindered.image, SolverTests.minimizer(of: SolverTests.problem())) < SolverTests.floor)
    }

    /// At the seventh iterate six steps have disagreed with the gradients, and the objective has fallen by little in six. A step is 0.02, so the
    /// gradient 0.5 is that of an objective that falls by 0.01, and 1 is too large.
    @Test(arguments: [(0.5, true), (1, false)])
    func gradientsThatAreWhyItHardlyFallsEndNothing(gradient: Float, ends: Bool) {
        var options = SolverOptions.patient(.adam(learningRate: 0.02), evaluations: 100_000, gradientTolerance: 0)
        options.progressTolerance = 0.5
        options.progressWindow = 6
        let solve = ImageSolve(start: [0], options: options, startsInGradientPrecision: true)
        var evaluation = Evaluation()
        evaluation.gradientNorm = Double(gradient)
        for iterate in 0 ..< 7 {
            #expect(solve.stop == nil && solve.usesGradientPrecision)
            evaluation.dataFidelity = 100 - 0.01 * Double(iterate)
            solve.gradient.set(Vector([gradient]))
            solve.receive(evaluation, image: solve.minimizer.trial.elements, latent: solve.minimizer.trial.elements, seconds: 0)
        }
        #expect(solve.stop?.reason == (ends ? .progress : nil))
        #expect(solve.usesGradientPrecision == ends)
    }

    @Test func aFlowOfAnotherModelIsRefused() {
        #expect(throws: SolverError.gradientPrecisionFlow) {
            try Self.restore([SolverTests.problem()], SolverOptions(), gradientPrecisionFlow: ToyFlow(dimension: 4, strength: 0))
        }
    }

    /// The method of Gauss and Newton takes no flow for gradients: see its own tests.
    @Test(arguments: BatchTests.cases.filter { $0.minimizer != .gaussNewton() })
    func imagesSwitchEachByItsOwnMeasure(options: SolverOptions) throws {
        let rough = ToyFlow(dimension: BatchTests.shape.count, strength: 0.4, precision: .bf16)
        func restore(_ problems: [InverseProblem], _ options: SolverOptions, threads: Int = 1) throws -> [Restoration] {
            try Self.restore(problems, options, flow: BatchTests.flow, gradientPrecisionFlow: rough, threads: threads)
        }
        let alone = try BatchTests.problems.map { try restore([$0], options)[0] }
        if options.minimizer == .lbfgs() { #expect(Set(alone.map(\.gradientPrecisionEvaluations)).count > 1) }
        for (batch, threads) in [(8, 1), (8, 2), (1, 1), (2, 2), (3, 1)] {
            var options = options
            options.maximumBatch = batch
            let together = try restore(BatchTests.problems, options, threads: threads)
            BatchTests().expectSame(together, alone)
            #expect(together.map(\.gradientPrecisionEvaluations) == alone.map(\.gradientPrecisionEvaluations))
        }
    }
}
