import Dispatch
import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct BatchTests {
    static let shape = ImageShape(channels: 1, height: 3, width: 4)
    static let flow = ToyFlow(dimension: shape.count, strength: 0.4)

    /// Five problems that differ in operator, measurement length, weight and start.
    static let problems: [InverseProblem] = (0 ..< 5).map { index in
        let rows = 4 + 2 * index
        return InverseProblem(
            forwardOperator: MatrixOperator(
                matrix: .normal(rows: rows, columns: shape.count, seed: UInt64(30 + index)), imageShape: shape),
            measurement: normalNumbers(rows, seed: UInt64(40 + index)), regularizationWeight: 0.1 * Double(index + 1),
            start: [nil, .zero, .random(seed: 50), .normalizedAdjoint, .image(normalNumbers(shape.count, seed: 51))][
                index])
    }

    static let cases: [SolverOptions] =
        [MinimizerChoice.auto, .gaussNewton()].map { choice in
            var options = SolverOptions()
            options.minimizer = choice
            options.maximumEvaluations = 60
            return options
        } + plainCases

    private static let plainCases: [SolverOptions] = Formulation.allCases.flatMap { formulation in
        [MinimizerChoice.gradientDescent, .adam(), .lbfgs()].map { choice in
            var options = SolverOptions()
            options.formulation = formulation
            options.minimizer = choice
            options.maximumEvaluations = 60
            return options
        }
    }

    func restore(_ problems: [InverseProblem], _ options: SolverOptions, threads: Int = 1) throws -> [Restoration] {
        try Solver(flow: Self.flow, options: options, parallelism: Parallelism(threads: threads)).restore(problems)
    }

    func expectSame(_ a: [Restoration], _ b: [Restoration]) {
        #expect(a.map { $0.image.map(\.bitPattern) } == b.map { $0.image.map(\.bitPattern) })
        #expect(a.map { $0.latent.map(\.bitPattern) } == b.map { $0.latent.map(\.bitPattern) })
        #expect(a.map(\.objective.bitPattern) == b.map(\.objective.bitPattern))
        #expect(a.map(\.evaluations) == b.map(\.evaluations))
        #expect(a.map(\.passes) == b.map(\.passes))
        #expect(a.map(\.stop) == b.map(\.stop))
    }

    @Test(arguments: cases)
    func aBatchIsASetOfIndependentSolves(options: SolverOptions) throws {
        let together = try restore(Self.problems, options)
        let alone = try Self.problems.map { try restore([$0], options)[0] }
        expectSame(together, alone)
    }

    @Test(arguments: cases)
    func threadsAndRepetitionChangeNoBit(options: SolverOptions) throws {
        let one = try restore(Self.problems, options)
        expectSame(one, try restore(Self.problems, options))
        expectSame(one, try restore(Self.problems, options, threads: 2))
    }

    @Test(arguments: [1, 2, 3])
    func aSmallBatchIsRefilled(maximumBatch: Int) throws {
        var options = SolverOptions()
        options.maximumEvaluations = 60
        let whole = try restore(Self.problems, options)
        options.maximumBatch = maximumBatch
        expectSame(whole, try restore(Self.problems, options))
    }

    /// Two images whose operators wait for each other are evaluated at the same time; their scratch memory must be
    /// apart.
    @Test func imagesEvaluatedAtOnceShareNoMemory() throws {
        var options = SolverOptions()
        options.minimizer = .lbfgs()
        options.maximumEvaluations = 1
        var problems = Array(Self.problems[3...])
        for index in problems.indices { problems[index].start = .zero }
        let expected = try restore(problems, options)
        let meeting = Meeting(of: problems.count)
        for index in problems.indices {
            problems[index].forwardOperator = WaitingOperator(base: problems[index].forwardOperator, meeting: meeting)
        }
        expectSame(try restore(problems, options, threads: 2), expected)
    }

    @Test func imagesStopAtDifferentTimes() throws {
        let evaluations = try restore(Self.problems, SolverOptions()).map(\.evaluations)
        #expect(Set(evaluations).count > 1)
    }
}

/// A place where threads wait for each other, but not for ever: on one thread the wait ends by itself.
final class Meeting: Sendable {
    private let group = DispatchGroup()

    init(of count: Int) {
        for _ in 0 ..< count { group.enter() }
    }

    func attend() {
        group.leave()
        _ = group.wait(timeout: .now() + 2)
    }
}

/// An operator that may be applied once: it waits, after A x is written, for the others of its meeting.
struct WaitingOperator: RawForwardOperator {
    let base: any ForwardOperator
    let meeting: Meeting
    var imageShape: ImageShape { base.imageShape }
    var measurementShape: ImageShape { base.measurementShape }
    var isNonnegative: Bool { base.isNonnegative }

    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        base.apply(image, into: measurement)
        meeting.attend()
    }

    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        base.adjoint(measurement, into: image)
    }
}
