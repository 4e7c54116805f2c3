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

    /// Five hundred solves, one after another, each application of the operator 2 ms: far from its end when it is stopped.
    private func longWork() throws -> (Restorer, [ImageMeasurement]) {
        var restorer = Sample.restorer(try Sample.prior(), evaluations: 100)
        restorer.options.maximumBatch = 1
        let measurement = try Sample.measurement(of: try Sample.image(height: 8, width: 8, phase: 0), .denoise)
        return (restorer, Array(repeating: measurement, count: 500))
    }

    /// A cancelled task throws, and the work that it began ends too.
    @Test func aCancelledTaskEnds() async throws {
        let (restorer, measurements) = try longWork()
        let calls = Calls()
        weak var held: SlowCopy?
        do {
            let copy = SlowCopy(imageShape: measurements[0].shape, calls: calls)
            held = copy
            let task = Task { try await restorer.restore(measurements, problem: .linear(copy), regularization: .fixed(1e-3)) }
            while calls.count.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        for _ in 0 ..< 1000 where held != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(held == nil)
        #expect(calls.count.load(ordering: .relaxed) < measurements.count)
    }

    /// Who leaves the loop ends the work: the operator is let go of before every measurement was solved.
    @Test func aLoopThatIsLeftEndsTheWork() async throws {
        let (restorer, measurements) = try longWork()
        let calls = Calls()
        weak var held: SlowCopy?
        do {
            let copy = SlowCopy(imageShape: measurements[0].shape, calls: calls)
            held = copy
            for try await _ in restorer.restorations(of: measurements, problem: .linear(copy), regularization: .fixed(1e-3)) { break }
        }
        for _ in 0 ..< 1000 where held != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(held == nil)
        // One application each prepares the measurements; a solve takes several.
        #expect(calls.count.load(ordering: .relaxed) < 2 * measurements.count)
    }

    /// How often an operator was applied; it outlives the operator.
    private final class Calls: Sendable {
        let count = Atomic<Int>(0)
    }

    /// A = identity, slowly, as an object whose end can be seen.
    private final class SlowCopy: ForwardOperator {
        let imageShape: ImageShape
        let calls: Calls
        var measurementShape: ImageShape { imageShape }
        var isNonnegative: Bool { true }

        init(imageShape: ImageShape, calls: Calls) {
            self.imageShape = imageShape
            self.calls = calls
        }

        func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
            calls.count.add(1, ordering: .relaxed)
            Thread.sleep(forTimeInterval: 0.002)
            measurement.update(from: image, count: imageShape.count)
        }

        func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
            image.update(from: measurement, count: imageShape.count)
        }
    }
}
