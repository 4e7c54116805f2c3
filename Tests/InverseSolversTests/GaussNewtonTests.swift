import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct GaussNewtonTests {
    static func options(tolerance: Double = 1e-3) -> SolverOptions {
        SolverTests.options(nil, .gaussNewton(tolerance: tolerance, products: 100))
    }

    /// A linear flow is its own linearization, and E the quadratic function that the inner solve minimizes.
    @Test func oneStepReachesTheClosedForm() throws {
        for weight in [1e-2, 0.3, 10] {
            let problem = SolverTests.problem(weight: weight)
            var images: [[Float]] = []
            let options = SolverTests.options(nil, .gaussNewton(tolerance: 0, products: 100))
            let restoration = try Solver(flow: SolverTests.flow, options: options, parallelism: Parallelism(threads: 1)).restore([problem])
            { images.append(Array($0.image)) }[0]
            try #require(images.count > 1)
            #expect(relativeError(images[1], SolverTests.minimizer(of: problem)) < 1e-5)
            #expect(restoration.trace.entries[1].step == 1)
        }
    }

    @Test func agreesWithLBFGSThroughANonlinearFlow() throws {
        let flow = ToyFlow(dimension: SolverTests.shape.count, strength: 0.3)
        func restore(_ options: SolverOptions) throws -> Restoration {
            try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore([SolverTests.problem()])[0]
        }
        let (newton, plain) = (try restore(Self.options()), try restore(SolverTests.options(.analysis)))
        #expect(relativeError(newton.image, plain.image.map(Double.init)) < SolverTests.floor)
    }

    @Test func theObjectiveFallsAndTheBudgetIsKept() throws {
        let flow = ToyFlow(dimension: SolverTests.shape.count, strength: 0.4)
        for budget in [1, 2, 3, 10, 40] {
            var options = Self.options()
            options.maximumEvaluations = budget
            options.gradientTolerance = 0
            options.progressTolerance = 0
            let restoration = try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore([
                SolverTests.problem(start: .random(seed: 3))
            ])[0]
            #expect(restoration.evaluations <= budget)
            let objectives = restoration.trace.entries.map(\.objective)
            #expect(objectives == objectives.sorted(by: >))
            #expect(restoration.objective == objectives.last)
        }
    }

    @Test func aFlowForGradientsIsRefused() {
        #expect(throws: SolverError.self) { try GradientPrecisionTests.restore([SolverTests.problem()], Self.options()) }
        #expect(throws: Never.self) {
            try GradientPrecisionTests.restore([SolverTests.problem()], Self.options(), gradientPrecisionFlow: nil)
        }
    }

    @Test func optionsOutOfRange() {
        func error(_ choice: MinimizerChoice, _ formulation: Formulation? = nil) -> String {
            var options = SolverOptions()
            (options.minimizer, options.formulation) = (choice, formulation)
            do {
                try options.validate()
                return ""
            } catch { return "\(error)" }
        }
        #expect(error(.gaussNewton(tolerance: 1)).contains("tolerance is 1.0"))
        #expect(error(.gaussNewton(products: 0)).contains("products is 0"))
        #expect(error(.gaussNewton(), .synthesis).contains("formulation is synthesis"))
        #expect(error(.gaussNewton(), .analysis).isEmpty)
    }
}
