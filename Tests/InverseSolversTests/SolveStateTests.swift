import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// A solve that is ended at any evaluation, and goes on from its state, is the same to the last bit.
@Suite struct SolveStateTests {
    private struct Ended: Error {}

    /// A solver that knows nothing from before, as another process has it.
    private static func solver(_ options: SolverOptions, rough: Bool) -> Solver<ToyFlow> {
        Solver(
            flow: BatchTests.flow,
            gradientPrecisionFlow: rough ? ToyFlow(dimension: BatchTests.shape.count, strength: 0.4, precision: .bf16) : nil,
            options: options, parallelism: Parallelism(threads: 1))
    }

    /// Solves problems from these states, and ends after so many evaluations of the batch; returns what ended, and the states of the others.
    private static func run(
        _ options: SolverOptions, rough: Bool = false, _ problems: [InverseProblem], states: [Int: SolveState] = [:],
        evaluations: Int = .max
    ) throws -> (ended: [Int: Restoration], states: [Int: SolveState], evaluations: Int) {
        let solver = solver(options, rough: rough)
        var (ended, saved): ([Int: Restoration], [Int: SolveState]) = ([:], [:])
        var count = -1
        var events = SolverEvents(
            checkpoint: {
                count += 1
                if count > evaluations { throw Ended() }
            },
            onEnd: {
                ended[$0] = try $1.get()
                return nil
            })
        events.onSave = { id, seconds, state in
            #expect(seconds >= 0)
            saved[id] = state().detached
        }
        let requests = problems.map { SolveRequest(problem: $0, options: solver.options, state: states[$0.id]) }
        do {
            try solver.restore(SolveQueue(requests, capacity: 16), imageShape: BatchTests.shape, events)
        } catch is Ended {
        }
        return (ended, saved, count)
    }

    private static func numbered(_ problems: [InverseProblem], criterion: RegularizationCriterion? = nil) -> [InverseProblem] {
        problems.enumerated().map { index, problem in
            var problem = problem
            problem.id = index
            problem.criterion = criterion
            return problem
        }
    }

    private static func expectSame(_ a: Restoration, _ b: Restoration) {
        #expect(a.image.map(\.bitPattern) == b.image.map(\.bitPattern))
        #expect(a.latent.map(\.bitPattern) == b.latent.map(\.bitPattern))
        #expect(a.objective == b.objective)
        #expect(a.evaluations == b.evaluations)
        #expect(a.passes == b.passes)
        #expect(a.gradientPrecisionEvaluations == b.gradientPrecisionEvaluations)
        #expect(a.regularizationWeight == b.regularizationWeight)
        #expect(a.regularizationPath == b.regularizationPath)
        #expect(a.stop == b.stop)
        #expect(a.diagnosis == b.diagnosis)
        #expect(timeless(a.trace) == timeless(b.trace))
    }

    private static func timeless(_ trace: Trace) -> [Trace.Entry] {
        trace.entries.map { entry in
            var entry = entry
            entry.seconds = 0
            return entry
        }
    }

    @Test(arguments: BatchTests.cases.filter { $0.minimizer != .gaussNewton() }, [false, true])
    func goesOnBitForBit(options: SolverOptions, rough: Bool) throws {
        let problems = Self.numbered(BatchTests.problems)
        let (whole, _, all) = try Self.run(options, rough: rough, problems)
        for evaluations in [1, 2, 3, 5, 8, 13, 21, 22, 34, 55] {
            let part = try Self.run(options, rough: rough, problems, evaluations: evaluations)
            #expect(part.ended.count + part.states.count == problems.count)
            let rest = try Self.run(options, rough: rough, problems.filter { part.states[$0.id] != nil }, states: part.states)
            // A solve that began anew would end at the same bits, later.
            if !part.states.isEmpty { #expect(rest.evaluations == all - evaluations) }
            for problem in problems {
                let (a, b) = (try #require(whole[problem.id]), try #require(part.ended[problem.id] ?? rest.ended[problem.id]))
                Self.expectSame(a, b)
            }
        }
    }

    @Test(arguments: [RegularizationCriterion.discrepancy(variance: 0.02), .discrepancy(variance: 3, relativeError: 0.1)])
    func aSearchGoesOnBitForBit(criterion: RegularizationCriterion) throws {
        var options = SolverOptions()
        options.maximumEvaluations = 40
        let problems = Self.numbered(Array(BatchTests.problems.prefix(2)), criterion: criterion)
        let whole = try Self.run(options, problems).ended
        #expect(whole.values.contains { $0.regularizationPath.count > 1 })
        let most = whole.values.map(\.evaluations).max() ?? 0
        for evaluations in stride(from: 1, to: most, by: 5) {
            let part = try Self.run(options, problems, evaluations: evaluations)
            let rest = try Self.run(options, problems.filter { part.states[$0.id] != nil }, states: part.states)
            for problem in problems {
                Self.expectSame(try #require(whole[problem.id]), try #require(part.ended[problem.id] ?? rest.ended[problem.id]))
            }
        }
    }

    /// A state that is cut short, or of another solve, is an error of its own problem.
    @Test func aStateOfAnotherSolveIsRefused() throws {
        let options = SolverOptions()
        let problems = Self.numbered(Array(BatchTests.problems.prefix(1)))
        let saved = try #require(try Self.run(options, problems, evaluations: 4).states[0])
        var plain = SolverOptions()
        plain.minimizer = .adam()
        for (name, vector) in saved.vectors {
            var state = saved
            state.vectors[name] = Array(vector.dropLast())
            #expect(throws: SolveStateError.self, "\(name)") { try Self.run(options, problems, states: [0: state]) }
            state.vectors[name] = nil
            #expect(throws: SolveStateError.self, "\(name)") { try Self.run(options, problems, states: [0: state]) }
        }
        for (name, numbers) in saved.numbers where name != "solve.minimizer.inverseHessian.scale" {
            var state = saved
            state.numbers[name] = numbers + [0.5]
            #expect(throws: SolveStateError.self, "\(name)") { try Self.run(options, problems, states: [0: state]) }
        }
        #expect(throws: SolveStateError.self) { try Self.run(plain, problems, states: [0: saved]) }
        #expect(throws: SolveStateError.self) { try Self.run(options, problems, states: [0: SolveState()]) }
    }

    @Test func theTimeOfASolveEndsItAtItsBestPoint() throws {
        var options = SolverOptions()
        options.maximumSeconds = .leastNormalMagnitude
        let ended = try Self.run(options, Self.numbered(BatchTests.problems)).ended
        #expect(ended.count == BatchTests.problems.count)
        #expect(ended.values.allSatisfy { $0.stop == .time && $0.evaluations == 1 })
    }

    /// The second solve of each pair begins when its place is free, whatever the first of the batch does.
    @Test func aFreePlaceIsFilledAtOnce() throws {
        var options = SolverOptions()
        options.maximumEvaluations = 60
        options.progressTolerance = 0
        options.gradientTolerance = 0
        var few = options
        few.maximumEvaluations = 3
        let solver = Self.solver(options, rough: false)
        var problems = Self.numbered([0, 0, 0, 0, 0, 0, 0].map { BatchTests.problems[$0] })
        for index in problems.indices { problems[index].start = .zero }
        let requests = problems.map { SolveRequest(problem: $0, options: $0.id == 0 ? options : few) }
        var order: [Int] = []
        var evaluations = -1
        let events = SolverEvents(
            checkpoint: { evaluations += 1 },
            onEnd: { id, _ in
                order.append(id)
                return nil
            })
        try solver.restore(SolveQueue(requests, capacity: 2), imageShape: BatchTests.shape, events)
        #expect(order == [1, 2, 3, 4, 5, 6, 0])
        #expect(evaluations <= 60)
    }
}
