import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// Problems over a linear flow z = W x + b, whose minimizer solves (A'A + lambda W'W) x = A'y - lambda W'b.
@Suite struct SolverTests {
    /// An objective rounded to 6e-8 of itself cannot tell points apart that are nearer than about the root of that,
    /// 2.5e-4.
    static let floor = 1e-3
    static let shape = ImageShape(channels: 1, height: 3, width: 4)
    static let flow = ToyFlow(dimension: shape.count, strength: 0)
    static let matrix = 0.3 * ReferenceMatrix.normal(rows: 8, columns: shape.count, seed: 21)

    static func problem(weight: Double = 0.3, seed: UInt64 = 22, start: Initialization? = nil) -> InverseProblem {
        InverseProblem(
            forwardOperator: MatrixOperator(matrix: matrix, imageShape: shape),
            measurement: normalNumbers(8, seed: seed),
            regularizationWeight: weight, start: start)
    }

    static func minimizer(of problem: InverseProblem, matrix: ReferenceMatrix = matrix) -> [Double] {
        let w = flow.linearPart
        let weight = problem.regularizationWeight
        let normal = matrix.transposed * matrix + weight * (w.transposed * w)
        let right = zip(matrix.transposed * problem.measurement.map(Double.init), w.transposed * flow.bias).map {
            $0 - weight * $1
        }
        return normal.factorized.solve(right)
    }

    static func options(_ formulation: Formulation?, _ choice: MinimizerChoice = .lbfgs()) -> SolverOptions {
        var options = SolverOptions.patient(choice, evaluations: 2000, gradientTolerance: 3e-6)
        options.formulation = formulation
        return options
    }

    static func restore(_ problems: [InverseProblem], _ options: SolverOptions, threads: Int = 1) throws
        -> [Restoration]
    {
        try Solver(flow: flow, options: options, parallelism: Parallelism(threads: threads)).restore(problems)
    }

    @Test(arguments: Formulation.allCases, [MinimizerChoice.gradientDescent, .adam(learningRate: 0.05), .lbfgs()])
    func reachesTheClosedForm(formulation: Formulation, choice: MinimizerChoice) throws {
        let problem = Self.problem()
        let restoration = try Self.restore([problem], Self.options(formulation, choice))[0]
        let expected = Self.minimizer(of: problem)
        #expect(relativeError(restoration.image, expected) < Self.floor)
        let latent = zip(Self.flow.linearPart * expected, Self.flow.bias).map { $0 + $1 }
        #expect(relativeError(restoration.latent, latent) < Self.floor)
        #expect(restoration.objective == restoration.dataFidelity + restoration.prior)
    }

    @Test(arguments: Formulation.allCases)
    func everyStartReachesTheSameMinimum(formulation: Formulation) throws {
        let starts: [Initialization?] = [
            nil, .zero, .normalizedAdjoint, .image(normalNumbers(Self.shape.count, seed: 23)), .random(seed: 24),
        ]
        let problems = starts.map { Self.problem(start: $0) }
        for restoration in try Self.restore(problems, Self.options(formulation)) {
            #expect(relativeError(restoration.image, Self.minimizer(of: problems[0])) < Self.floor)
            #expect(restoration.passes - 2 * restoration.evaluations <= 1)
        }
    }

    /// One evaluation returns the start: the same image in both formulations, but for `zero`.
    @Test func startsAreWhereTheySay() throws {
        var one = SolverOptions()
        one.minimizer = .lbfgs()
        one.maximumEvaluations = 1
        let image = normalNumbers(Self.shape.count, seed: 25)
        for start in [Initialization.image(image), .normalizedAdjoint, .random(seed: 26)] {
            var images: [[Float]] = []
            for formulation in Formulation.allCases {
                one.formulation = formulation
                let restoration = try Self.restore([Self.problem(start: start)], one)[0]
                #expect(restoration.stop == .budget)
                images.append(restoration.image)
            }
            #expect(relativeError(images[0], images[1].map(Double.init)) < 1e-6)
        }
        func restored(_ start: Initialization, _ formulation: Formulation) throws -> Restoration {
            one.formulation = formulation
            return try Self.restore([Self.problem(start: start)], one)[0]
        }
        let zeros = [Float](repeating: 0, count: Self.shape.count)
        #expect(try restored(.image(image), .analysis).image == image)
        #expect(try restored(.zero, .analysis).image == zeros)
        #expect(try restored(.zero, .synthesis).latent == zeros)
        let seeds = try [1, 1, 2].map { try restored(.random(seed: $0), .synthesis).image }
        #expect(seeds[0] == seeds[1])
        #expect(seeds[0] != seeds[2])
    }

    /// log|det J_f| of a linear flow is a constant: it shifts the objective and moves nothing.
    @Test func logDeterminantOfALinearFlowOnlyShifts() throws {
        var options = Self.options(.analysis)
        let without = try Self.restore([Self.problem()], options)[0]
        options.includeLogDeterminant = true
        let with = try Self.restore([Self.problem()], options)[0]
        #expect(relativeError(with.image, without.image.map(Double.init)) < Self.floor)
        let logDeterminant = Self.flow.linearPart.factorized.logAbsDeterminant
        #expect(abs(with.prior - without.prior + 0.3 * logDeterminant) < 1e-5)
    }

    @Test func formulationsMeetThroughANonlinearFlow() throws {
        let flow = ToyFlow(dimension: Self.shape.count, strength: 0.3)
        let images = try Formulation.allCases.map { formulation in
            try Solver(flow: flow, options: Self.options(formulation), parallelism: Parallelism(threads: 1)).restore([Self.problem()])[0]
                .image
        }
        #expect(relativeError(images[0], images[1].map(Double.init)) < Self.floor)
    }

    @Test func traceAndProgressTellTheSame() throws {
        var seen: [Trace.Entry] = []
        var lastImage: [Float] = []
        let restoration = try Solver(flow: Self.flow, options: Self.options(.analysis), parallelism: Parallelism(threads: 1)).restore([
            Self.problem()
        ]) { progress in
            #expect(progress.problem == 0)
            seen.append(progress.entry)
            lastImage = Array(progress.image)
        }[0]
        #expect(seen == restoration.trace.entries)
        #expect(lastImage == restoration.image)
        #expect(seen.first?.evaluation == 1)
        #expect(seen.map(\.evaluation) == seen.map(\.evaluation).sorted())
        #expect((seen.last?.evaluation ?? .max) <= restoration.evaluations)
        #expect(seen.last?.objective == restoration.objective)
        let lines = restoration.trace.csv.split(separator: "\n")
        #expect(lines.first == "evaluation,passes,objective,data_fidelity,prior,gradient_norm,step,seconds,unknown,gradient_precision")
        #expect(lines.count == seen.count + 1)
        #expect(lines.allSatisfy { $0.split(separator: ",").count == 10 })
    }
}
