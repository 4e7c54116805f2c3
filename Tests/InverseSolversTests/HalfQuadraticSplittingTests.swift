import ForwardOperators
import Foundation
import GlowModel
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct HalfQuadraticSplittingTests {
    private let shape = ImageShape(channels: 1, height: 4, width: 4)
    private let variance = 0.03 * 0.03

    private func levels() throws -> NoiseLevels { try #require(NoiseLevels(deviation: 0.3, range: 0.01 ... 0.5)) }

    private func matrix() -> ReferenceMatrix {
        let numbers = normalNumbers(12 * 16, seed: 9)
        return ReferenceMatrix(rows: 12, columns: 16) { Double(numbers[$0 * 16 + $1]) * 0.3 }
    }

    private func problem(_ forwardOperator: any ForwardOperator, start: Initialization? = .zero) -> InverseProblem {
        let measurement = normalNumbers(forwardOperator.measurementShape.count, seed: 11).map { 0.2 * $0 }
        return InverseProblem(forwardOperator: forwardOperator, measurement: measurement, regularizationWeight: variance, start: start)
    }

    private func restore(
        _ problem: InverseProblem, _ flow: ToyFlow = ToyFlow(dimension: 16, strength: 0.2), threads: Int = 1,
        members: Int = 1, state: SolveState? = nil, events: SolverEvents = SolverEvents { _, _ in nil },
        _ change: (inout SolverOptions) -> Void = { _ in }
    ) throws -> Restoration {
        var options = SolverOptions()
        change(&options)
        let splitting = try HalfQuadraticSplitting(
            flow, levels: levels(), imageShape: shape, parallelism: Parallelism(threads: threads),
            views: PriorView.ensemble(members, grid: 4))
        return try splitting.restore(SolveRequest(problem: problem, options: options, state: state), events)
    }

    /// Each step by elimination and by the flow's own gradient, in the order and with the weights of the formulas; the prior sees it mirrored, upside down and
    /// both in turns, in the last step the mean of an ensemble.
    @Test(arguments: [1, 3]) func itTakesTheStepsOfTheFormulas(_ members: Int) throws {
        let (flow, A) = (ToyFlow(dimension: 16, strength: 0.2), matrix())
        let problem = problem(MatrixOperator(matrix: A, imageShape: shape))
        let found = try restore(problem, flow, members: members)
        let point = try flow.makeLinearization(imageShape: shape, capacity: 1, parallelism: .serial)
        var z = [Double](repeating: 0, count: 16)
        var seenLast: [Float] = []
        // 12 numbers of 16 are a measurement with gaps.
        for step in 0 ..< 24 {
            let s = step == 23 ? 0.03 : 0.2 * pow(0.03 / 0.2, Double(step) / 23)
            let rho = 0.23 * variance / (s * s)
            var normal = A.transposed * A
            for i in 0 ..< 16 { normal[i, i] += rho }
            let right = A.transposed * problem.measurement.map(Double.init)
            let x = normal.inverse * zip(right, z).map { $0 + rho * $1 }
            let gain = 0.3 / s
            // The gradient at each pixel that a view sees, by its own indices.
            var (sums, counts) = ([Double](repeating: 0, count: 16), [Double](repeating: 0, count: 16))
            for member in 0 ..< (step == 23 ? members : 1) {
                let (mirrors, flips) = (((23 - step) & 1) ^ (member & 1) != 0, ((23 - step) >> 1 & 1) ^ (member >> 1 & 1) != 0)
                // Of a grid of 4: 5 n and 3 n, between -2 and 1.
                let (down, right) = ([0, 1, -2][member], [0, -1, -2][member])
                func reflected(_ index: Int) -> Int { index < 0 ? -1 - index : index > 3 ? 7 - index : index }
                func source(_ place: Int) -> Int {
                    let (row, column) = (reflected(place / 4 + down), reflected(place % 4 + right))
                    return (flips ? 3 - row : row) * 4 + (mirrors ? 3 - column : column)
                }
                let isSeen = { (place: Int) in (0 ..< 4).contains(place / 4 + down) && (0 ..< 4).contains(place % 4 + right) }
                var (latent, determinants, gradient) = ([Float](repeating: 0, count: 16), [0.0], [Float](repeating: 0, count: 16))
                let seen = (0 ..< 16).map { Float(gain * x[source($0)]) }
                flow.forward(seen, count: 1, recording: point, into: &latent, logDeterminants: &determinants)
                flow.forwardVJP(at: point, cotangent: latent, logDeterminantWeight: -1, into: &gradient)
                for place in 0 ..< 16 where isSeen(place) {
                    sums[source(place)] += Double(gradient[place])
                    counts[source(place)] += 1
                }
            }
            z = (0 ..< 16).map { x[$0] - s * s * gain * sums[$0] / counts[$0] }
            seenLast = x.map { Float(gain * $0) }
        }
        // The latent is that of the image as it stands.
        var (latent, determinants) = ([Float](repeating: 0, count: 16), [0.0])
        flow.forward(seenLast, count: 1, recording: point, into: &latent, logDeterminants: &determinants)
        #expect(relativeError(found.latent, latent.map(Double.init)) < 0.05)
        // As far as conjugate gradients go, at each step.
        #expect(relativeError(found.image, z) < 0.02)
        #expect(found.stop == .schedule && found.evaluations == 23 + members && found.trace.entries.count == 24)
        #expect(found.trace.entries.last?.evaluation == 23 + members)
    }

    /// The mean over an ensemble is that before the last step of the data, where the result is one; a budget of evaluations counts each view.
    @Test func anEnsembleHasItsPlaceAndItsPrice() throws {
        var problem = problem(MatrixOperator(matrix: matrix(), imageShape: shape))
        let short = try restore(problem, members: 8) { $0.maximumEvaluations = 12 }
        #expect(short.stop == .budget && short.evaluations == 12 && short.trace.entries.count == 5)
        let least = try restore(problem, members: 8) { $0.maximumEvaluations = 3 }
        #expect(least.stop == .budget && least.evaluations == 3 && least.trace.entries.count == 1)
        problem.regularizationWeight = 1e-6
        let sharp = try restore(problem, members: 4)
        #expect(sharp.trace.entries.map(\.evaluation).suffix(3) == [22, 26, 27])
    }

    /// Where the measurement has less noise than the prior knows, the last step is one of the data.
    @Test func littleNoiseEndsInTheData() throws {
        let mask = try Mask(imageShape: shape, keep: (0 ..< 16).map { $0 % 5 != 0 })
        var problem = problem(mask)
        problem.measurement = try mask.erasingUnmeasured(problem.measurement)
        problem.regularizationWeight = 1e-6
        let found = try restore(problem)
        for index in 0 ..< 16 where index % 5 != 0 { #expect(abs(found.image[index] - problem.measurement[index]) < 2e-2) }
    }

    @Test func threadsDoNotChangeIt() throws {
        let problem = problem(MatrixOperator(matrix: matrix(), imageShape: shape), start: nil)
        #expect(try restore(problem).image == restore(problem, threads: 3).image)
    }

    @Test func anInterruptedSolveGoesOnBitForBit() throws {
        struct Interrupted: Error {}
        let problem = problem(MatrixOperator(matrix: matrix(), imageShape: shape))
        var (left, calls): (SolveState?, Int) = (nil, 0)
        var events = SolverEvents { _, _ in nil }
        events.checkpoint = {
            calls += 1
            if calls == 6 { throw Interrupted() }
        }
        events.onSave = { left = $2().detached }
        #expect(throws: Interrupted.self) { try restore(problem, events: events) }
        let state = try #require(left)
        var steps = 0
        let resumed = try restore(problem, state: state, events: SolverEvents(onProgress: { _ in steps += 1 }) { _, _ in nil })
        let whole = try restore(problem)
        #expect(steps == 19)
        #expect(resumed.image == whole.image && resumed.trace.entries.map(\.objective) == whole.trace.entries.map(\.objective))
        #expect(throws: SolveStateError.self) { try restore(problem, state: SolveState()) }
    }

    @Test func timeAndEvaluationsEndIt() throws {
        let problem = problem(MatrixOperator(matrix: matrix(), imageShape: shape))
        let short = try restore(problem) { $0.maximumEvaluations = 3 }
        #expect(short.stop == .budget && short.evaluations == 3)
        var events = SolverEvents { _, _ in nil }
        events.isTimeUp = { true }
        let stopped = try restore(problem, events: events)
        #expect(stopped.stop == .time && stopped.evaluations == 1)
    }

    /// Beyond what the flow takes: the last image that was finite is the result.
    @Test func aFlowThatFailsIsTold() throws {
        let problem = problem(MatrixOperator(matrix: matrix(), imageShape: shape))
        let found = try restore(problem, ToyFlow(dimension: 16, strength: 0.2, wall: 0.001))
        #expect(found.stop == .diverged && found.diagnosis != nil && found.image.allSatisfy(\.isFinite))
        #expect(found.image.count == 16)
    }
}
