import ForwardOperators
import InverseSolvers
import KernelInterface
import Testing

@Suite struct SolverErrorTests {
    static let shape = SolverTests.shape

    func error(
        _ problems: [InverseProblem] = [SolverTests.problem()], flow: ToyFlow = SolverTests.flow,
        _ change: (inout SolverOptions) -> Void = { _ in }
    ) -> String? {
        var options = SolverOptions()
        change(&options)
        do {
            _ = try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore(problems)
            return nil
        } catch { return "\(error)" }
    }

    @Test func optionsOutOfRange() {
        #expect(error { $0.maximumEvaluations = 0 } == "solver option maximumEvaluations is 0, but must be at least 1")
        #expect(error { $0.minimizer = .lbfgs(memory: 0) } == "solver option memory is 0, but must be 1 to 1000")
        for rate in [0, -1, Double.nan, .infinity] {
            #expect(
                error { $0.minimizer = .adam(learningRate: rate) }
                    == "solver option learningRate is \(rate), but must be a finite number above 0")
        }
        for tolerance in [-1e-3, 1, Double.nan] {
            #expect(error { $0.gradientTolerance = tolerance }?.contains("gradientTolerance is \(tolerance)") == true)
            #expect(error { $0.progressTolerance = tolerance }?.contains("progressTolerance is \(tolerance)") == true)
        }
        #expect(error { $0.progressWindow = 0 }?.contains("progressWindow is 0") == true)
        #expect(error { $0.maximumBatch = 0 }?.contains("maximumBatch is 0") == true)
        #expect(
            error {
                $0.minimizer = .lbfgs()
                $0.formulation = .synthesis
                $0.includeLogDeterminant = true
            }?.contains("includeLogDeterminant is true") == true)
        #expect(
            error { $0.formulation = .analysis }
                == "solver option formulation is analysis, but must be nil with the minimizer auto, which chooses it")
        #expect(
            error {
                $0.maximumEvaluations = .max
                $0.gradientTolerance = 0.1
            } == nil)
    }

    @Test func problemsThatDoNotFit() {
        for weight in [-1, Double.nan, .infinity, 1e300] {
            #expect(
                error([SolverTests.problem(weight: weight)])?.hasPrefix(
                    "problem 0: the regularization weight is \(weight)") == true)
        }
        var short = SolverTests.problem()
        short.measurement.removeLast()
        #expect(error([SolverTests.problem(), short]) == "problem 1: the measurement has 7 numbers, but 8 are needed")
        var broken = SolverTests.problem()
        broken.measurement[3] = .nan
        #expect(error([broken]) == "problem 0: the measurement is not a finite number at index 3")
        #expect(
            error([SolverTests.problem(start: .image([1]))])
                == "problem 0: the start image has 1 numbers, but 12 are needed")
        var start = [Float](repeating: 0, count: 12)
        start[5] = .infinity
        #expect(
            error([SolverTests.problem(start: .image(start))])
                == "problem 0: the start image is not a finite number at index 5")
        var other = SolverTests.problem()
        other.forwardOperator = MatrixOperator(
            matrix: SolverTests.matrix, imageShape: ImageShape(channels: 3, height: 2, width: 2))
        #expect(
            error([SolverTests.problem(), other])
                == "problem 1: its images have shape 3x2x2, but the other problems of the call have 1x3x4")
    }

    @Test func noProblemIsNoWork() throws {
        #expect(error([]) == nil)
    }

    @Test func aShapeThatTheFlowRefuses() {
        #expect(error(flow: ToyFlow(dimension: 6, strength: 0)) == "WrongShape()")
    }

    /// The image is finite, its latent is not: the start comes back with a diagnosis.
    @Test func aStartBeyondTheFlowIsDiagnosed() throws {
        let flow = ToyFlow(dimension: Self.shape.count, strength: 0, wall: 5)
        let start = [Float](repeating: 6, count: Self.shape.count)
        let restoration = try Solver(flow: flow, parallelism: Parallelism(threads: 1)).restore([SolverTests.problem(start: .image(start))])[
            0]
        #expect(restoration.stop == .diverged)
        #expect(restoration.diagnosis == "evaluation 1: the objective is nan at the start")
        #expect(restoration.image == start)
    }

    @Test func aStartWithoutAFiniteImageThrows() {
        let flow = ToyFlow(dimension: Self.shape.count, strength: 0, wall: 1e-3)
        let problem = SolverTests.problem(start: .random(seed: 1))
        #expect(
            error([problem], flow: flow)
                == "problem 0: the image at the starting point is not finite, so there is nothing to return")
        for formulation in Formulation.allCases {
            #expect(
                error([problem], flow: flow) { ($0.minimizer, $0.formulation) = (.lbfgs(), formulation) }
                    == error([problem], flow: flow))
        }
    }

    /// Beyond the wall the flow gives NaN; the solves that run into it still end with a finite image.
    @Test func aFlowWithAWallStillRestores() throws {
        let flow = ToyFlow(dimension: Self.shape.count, strength: 0, wall: 1)
        for options in BatchTests.cases {
            let restoration = try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore([
                SolverTests.problem(start: .zero)
            ])[0]
            #expect(restoration.image.allSatisfy { $0.isFinite })
            #expect(restoration.latent.allSatisfy { $0.isFinite })
            #expect(restoration.evaluations > 1)
        }
    }
}
