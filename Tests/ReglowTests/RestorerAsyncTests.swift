import Reglow
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

    /// A solve that would go on for ever ends when its task is cancelled.
    @Test func aCancelledTaskEnds() async throws {
        var restorer = Sample.restorer(try Sample.prior(), evaluations: 1_000_000_000)
        restorer.options.minimizer = .gradientDescent
        restorer.options.gradientTolerance = 0
        restorer.options.progressTolerance = 0
        let measurements = try images([(16, 16)])
        let task = Task { [restorer] in try await restorer.restore(measurements, problem: .denoise, regularization: .fixed(1e-3)) }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// Who leaves the loop ends the work.
    @Test func aLoopThatIsLeftEndsTheWork() async throws {
        var restorer = Sample.restorer(try Sample.prior(), evaluations: 1_000_000_000)
        restorer.options.progressTolerance = 0
        var seen = 0
        for try await _ in restorer.restorations(of: try images([(8, 8)]), problem: .denoise, regularization: .fixed(1e-3)) {
            seen += 1
            if seen == 2 { break }
        }
        #expect(seen <= 2)
    }
}
