import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// How a solve begins and goes on where something is missing.
@Suite struct ScheduleTests {
    private static let shape = ImageShape(channels: 1, height: 6, width: 6)
    private static let flow = ToyFlow(dimension: shape.count, strength: 2)

    private static func problem(measured: Int, start: Initialization? = nil) -> InverseProblem {
        var problem = InverseProblem(
            forwardOperator: MatrixOperator(
                matrix: 0.3 * ReferenceMatrix.normal(rows: measured, columns: shape.count, seed: 21), imageShape: shape),
            measurement: normalNumbers(measured, seed: 22), regularizationWeight: 0.3)
        problem.start = start
        return problem
    }

    private static func restore(_ problem: InverseProblem, evaluations: Int) throws -> Restoration {
        var options = InitializerTests.options
        options.gradientTolerance = 0
        options.progressTolerance = 0
        options.maximumEvaluations = evaluations
        return try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore([problem])[0]
    }

    /// Of 36 numbers, 35, 5 or 4 are measured.
    @Test(arguments: [35, 5, 4], [(190, 60), (60, 20)])
    func leavesTheLatentAfterSixtyEvaluationsOrAThird(measured: Int, evaluations: (limit: Int, latent: Int)) throws {
        let trace = try Self.restore(Self.problem(measured: measured), evaluations: evaluations.limit).trace.entries
        let change = try #require(trace.firstIndex { $0.unknown == .analysis })
        #expect(trace[change].evaluation == evaluations.latent + 1)
    }

    /// A picture of more than 128 by 128 pixels spends few evaluations in the latent, unless it has gaps.
    @Test(arguments: [(128, Schedule.Gaps.none, 60), (129, .none, 20), (129, .scattered, 20), (129, .patches, 60)])
    func largePicturesLeaveTheLatentEarly(side: Int, gaps: Schedule.Gaps, latent: Int) {
        let shape = ImageShape(channels: 3, height: side, width: 128)
        let (standard, window) = (
            Schedule.standard.forCanvas(of: shape, gaps: gaps), Schedule.window.forCanvas(of: shape, gaps: gaps)
        )
        #expect(standard.latentEvaluations == latent && window.latentEvaluations == min(latent, 30))
        #expect(standard.latentMemory <= latent)
    }

    /// One that lacks no pixel ends earlier too; one in which H0 fills patches needs it exact.
    @Test(arguments: [(128, Schedule.Gaps.none), (129, .none), (129, .scattered), (129, .patches)])
    func largePicturesEndEarlier(side: Int, gaps: Schedule.Gaps) {
        let schedule = Schedule.standard.forCanvas(of: ImageShape(channels: 3, height: side, width: 128), gaps: gaps)
        #expect((schedule.progressWindow == 5 && schedule.leastTolerance == 5e-4) == (side > 128 && gaps == .none))
        #expect((schedule.inverseTolerance > Schedule.standard.inverseTolerance) == (side > 128 && gaps != .patches))
    }

    /// Four rows and columns of six are wanted, and are all that is measured; or two of the wanted ones are missing.
    @Test(arguments: [(4, Schedule.window), (2, .standard)])
    func aWindowHasItsOwnSchedule(measured: Int, schedule: Schedule) throws {
        let window = try Cropping(canvas: Self.shape, top: 1, left: 1, height: measured, width: measured)
        func restore(_ configure: (inout SolverOptions) -> Void) throws -> Restoration {
            let problem = InverseProblem(
                forwardOperator: window, measurement: normalNumbers(measured * measured, seed: 23), regularizationWeight: 0.3,
                wantedCount: 16)
            var options = InitializerTests.options
            (options.gradientTolerance, options.progressTolerance, options.maximumEvaluations) = (0, nil, 5000)
            configure(&options)
            return try Solver(flow: Self.flow, options: options, parallelism: Parallelism(threads: 1)).restore([problem])[0]
        }
        let whole = try restore { ($0.progressTolerance, $0.maximumEvaluations) = (0, 190) }.trace.entries
        let change = try #require(whole.firstIndex { $0.unknown == .analysis })
        // The other one may end in the latent before its sixty evaluations, having nothing left to find.
        let latent = whole[change].evaluation - 1
        #expect(schedule == .window ? latent == schedule.latentEvaluations : latent > Schedule.window.latentEvaluations)
        let tolerance = max(schedule.leastTolerance, SolverOptions.preconditionedTolerance)
        #expect(try restore { _ in }.evaluations == restore { $0.progressTolerance = tolerance }.evaluations)
    }

    /// Against the latent of the image that the stationary prior would restore.
    @Test(arguments: [35, 5, 4]) func beginsAtAQuarterOfTheLatentOfTheWienerFilter(measured: Int) throws {
        let problem = Self.problem(measured: measured)
        let prior = try StationaryPrior(Self.flow, imageShape: Self.shape, parallelism: Parallelism(threads: 1))
        let mean = try #require(
            try WienerPreconditioner(
                prior, forwardOperator: problem.forwardOperator, regularizationWeight: problem.regularizationWeight
            ).posteriorMean(of: problem.measurement))
        let first = try Self.restore(problem, evaluations: 1).latent
        let whole = try Self.restore(Self.problem(measured: measured, start: .image(mean)), evaluations: 1).latent
        #expect(relativeError(first, whole.map { 0.25 * Double($0) }) < 1e-5)
    }

    /// Where little is measured a part of the objective is next to nothing; lambda is what the posterior density goes by.
    @Test func endsWhereTenStepsHardlyChangeTheDensity() throws {
        let problem = Self.problem(measured: 5)
        func restore(tolerance: Double?) throws -> Restoration {
            var options = InitializerTests.options
            (options.gradientTolerance, options.progressTolerance, options.maximumEvaluations) = (0, tolerance, 5000)
            return try Solver(flow: Self.flow, options: options, parallelism: Parallelism(threads: 1)).restore([problem])[0]
        }
        let standard = try restore(tolerance: nil)
        #expect(standard.stop == .progress)
        let last = standard.trace.entries.suffix(11).map(\.objective)
        let fall = try #require(last.first) - (try #require(last.last))
        #expect(fall <= problem.regularizationWeight)
        #expect(fall > SolverOptions.preconditionedTolerance * standard.objective)
        #expect(try restore(tolerance: 1e-6).evaluations > standard.evaluations)
    }

    /// A solve in the latent and one in the image, each of which is faster with the memory that is its own.
    @Test(arguments: Formulation.allCases) func keepsTheCurvatureThatTheScheduleAsksFor(formulation: Formulation) {
        let standard = Schedule.standard.within(maximumEvaluations: 300)
        #expect(standard.latentMemory == 40 && standard.imageMemory == 6)
        let evaluations = [2, 30].map { memory in
            minimize(
                .quadratic(dimension: 30, condition: 1e4), .patient(.auto, evaluations: 2000), formulation: formulation,
                schedule: Schedule(
                    contraction: 1, latentEvaluations: 0, latentMemory: formulation == .synthesis ? memory : 5,
                    imageMemory: formulation == .analysis ? memory : 5)
            ).evaluations
        }
        #expect(evaluations[1] < evaluations[0])
    }
}
