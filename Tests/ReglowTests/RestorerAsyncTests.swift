import Foundation
import Reglow
import Synchronization
import Testing

/// The entry points of Swift's concurrency.
@Suite struct RestorerAsyncTests {
    private func images(_ sizes: [(Int, Int)]) throws -> [ImageMeasurement] {
        try sizes.enumerated().map { try Sample.measurement(of: try Sample.image(height: $1.0, width: $1.1, phase: Double($0)), .denoise) }
    }

    private static func synchronously(_ restorer: Restorer, _ measurements: [ImageMeasurement]) throws -> [RestoredImage] {
        try restorer.restore(measurements, problem: .denoise, regularization: .fixed(1e-3))
    }

    @Test func bothWaysGiveTheSameBits() async throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 6)
        let measurements = try images([(8, 8), (12, 8), (8, 8)])
        let awaited = try await restorer.restore(measurements, problem: .denoise, regularization: .fixed(1e-3))
        #expect(awaited.map(\.image) == (try Self.synchronously(restorer, measurements)).map(\.image))
    }

    /// Iterates of a measurement come before its result; one that fails comes as a failure and ends no other.
    @Test func eventsComeInTheirOrder() async throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 4)
        let measurements = try images([(8, 8), (8, 8)]) + [ImageMeasurement(vector: [1, 2, 3])]
        var iterates = [0, 0, 0]
        var results: [Int: Bool] = [:]
        for try await event in restorer.restorations(of: measurements, problem: .denoise, regularization: .noiseVariance(.estimated)) {
            switch event {
            case .progress(let progress):
                #expect(results[progress.measurement] == nil)
                iterates[progress.measurement] += 1
            case .ended(let index, let result): results[index] = (try? result.get()) != nil
            }
        }
        #expect(results == [0: true, 1: true, 2: false])
        #expect(iterates[0] > 1 && iterates[1] > 1 && iterates[2] == 0)
    }

    @Test func aMeasurementThatFailsIsThrown() async throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 4)
        let measurements = try images([(8, 8)]) + [ImageMeasurement(vector: [1, 2, 3])]
        await #expect(throws: MeasurementError.self) {
            try await restorer.restore(measurements, problem: .denoise, regularization: .noiseVariance(.estimated))
        }
    }

    /// Five hundred solves, one after another.
    private func longWork() throws -> (Restorer, [ImageMeasurement]) {
        var restorer = Sample.restorer(try Sample.prior(), evaluations: 100)
        restorer.options.maximumBatch = 1
        let measurement = try Sample.measurement(of: try Sample.image(height: 8, width: 8, phase: 0), .denoise)
        return (restorer, Array(repeating: measurement, count: 500))
    }

    /// A cancelled task throws, and the work that it began ends too.
    @Test(.timeLimit(.minutes(10))) func aCancelledTaskEnds() async throws {
        let (restorer, measurements) = try longWork()
        let gate = Gate(after: 10)
        weak var held: GatedCopy?
        do {
            let copy = GatedCopy(imageShape: measurements[0].shape, gate: gate)
            held = copy
            let task = Task { try await restorer.restore(measurements, problem: .linear(copy), regularization: .fixed(1e-3)) }
            while gate.calls.load(ordering: .relaxed) < 10 { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            gate.open()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        while held != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(gate.calls.load(ordering: .relaxed) < measurements.count)
    }

    /// Who leaves the loop ends the work: the operator is let go of before every measurement was solved.
    @Test(.timeLimit(.minutes(10))) func aLoopThatIsLeftEndsTheWork() async throws {
        let (restorer, measurements) = try longWork()
        // One application each prepares the measurements; a solve takes several.
        let gate = Gate(after: measurements.count + 100)
        weak var held: GatedCopy?
        do {
            let copy = GatedCopy(imageShape: measurements[0].shape, gate: gate)
            held = copy
            let first = try await Self.firstEvent(
                of: restorer.restorations(of: measurements, problem: .linear(copy), regularization: .fixed(1e-3)))
            #expect(first != nil)
        }
        gate.open()
        while held != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(gate.calls.load(ordering: .relaxed) < 2 * measurements.count)
    }

    /// A function of its own, so that nothing of the loop lives on after it.
    private static func firstEvent(of events: AsyncThrowingStream<RestorationEvent, any Error>) async throws -> RestorationEvent? {
        for try await event in events { return event }
        return nil
    }

    /// Counts the applications of an operator, and holds those after a number of them up until it is opened: the work waits for the
    /// test, however late the test gets its turn.
    private final class Gate: Sendable {
        let calls = Atomic<Int>(0)
        private let free: Int
        private let isOpen = Atomic<Bool>(false)

        init(after free: Int) {
            self.free = free
        }

        func open() {
            isOpen.store(true, ordering: .releasing)
        }

        func pass() {
            let call = calls.add(1, ordering: .relaxed).newValue
            while call >= free, !isOpen.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.001) }
        }
    }

    /// A = identity behind a gate, as an object whose end can be seen.
    private final class GatedCopy: ForwardOperator {
        let imageShape: ImageShape
        let gate: Gate
        var measurementShape: ImageShape { imageShape }
        var isNonnegative: Bool { true }

        init(imageShape: ImageShape, gate: Gate) {
            self.imageShape = imageShape
            self.gate = gate
        }

        func apply(_ image: Span<Float>, into measurement: inout MutableSpan<Float>) {
            gate.pass()
            for index in image.indices { measurement[index] = image[index] }
        }

        func adjoint(_ measurement: Span<Float>, into image: inout MutableSpan<Float>) {
            for index in measurement.indices { image[index] = measurement[index] }
        }
    }
}
