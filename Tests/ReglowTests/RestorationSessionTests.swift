import Reglow
import Testing

/// Measurements that come in parts, and results that come one by one.
@Suite struct RestorationSessionTests {
    private struct Stop: Error {}

    private func images(_ sizes: [(Int, Int)]) throws -> [ImageMeasurement] {
        try sizes.enumerated().map { try Sample.measurement(of: try Sample.image(height: $1.0, width: $1.1, phase: Double($0)), .denoise) }
    }

    @Test(arguments: [false, true]) func partsGiveTheBitsOfTheWhole(selfEnsemble: Bool) throws {
        var restorer = Sample.restorer(try Sample.prior())
        restorer.options.selfEnsemble = selfEnsemble
        let measurements = try images([(8, 8), (12, 8), (8, 8), (8, 8)])
        let rule = RegularizationRule.discrepancy(.known(0.02))
        let whole = try restorer.restore(measurements, problem: .denoise, regularization: rule)
        let session = RestorationSession(restorer, problem: .denoise, regularization: rule)
        var found: [Int: Image] = [:]
        for part in [0 ..< 1, 1 ..< 3, 3 ..< 4] {
            try session.restore(Array(measurements[part])) { found[part.lowerBound + $0] = try $1.get().image }
        }
        #expect((0 ..< 4).map { found[$0] } == whole.map(\.image))
    }

    /// The first result is heard before the last image has been looked at.
    @Test func aResultComesWhenItIsThere() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 4)
        var events: [String] = []
        let session = RestorationSession(restorer, problem: .denoise, regularization: .fixed(1e-3))
        try session.restore(try images([(8, 8), (12, 8)]), onProgress: { events.append("iterate of \($0.measurement)") }) { index, _ in
            events.append("end of \(index)")
        }
        let end = try #require(events.firstIndex(of: "end of 0"))
        #expect(end < events.firstIndex(of: "iterate of 1") ?? 0)
    }

    @Test func oneThatFailsIsAloneInIt() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 4)
        let good = try images([(8, 8), (8, 8)])
        // The blur of such numbers is not finite.
        let huge = ImageMeasurement(try Image(shape: good[0].shape, pixels: [Float](repeating: 3e38, count: good[0].shape.count)))
        let tiny = try images([(2, 2)])[0]
        let problem = Problem.deblur(try .uniform(3))
        var results: [Int: Bool] = [:]
        for rule in [RegularizationRule.fixed(1e-3), .discrepancy(.known(0.03))] {
            let session = RestorationSession(restorer, problem: problem, regularization: rule, start: .normalizedAdjoint)
            try session.restore([good[0], huge, tiny, good[1]]) { index, result in
                if case .failure(let error) = result { #expect(error.measurement == index) }
                results[index] = (try? result.get()) != nil
            }
            #expect(results == [0: true, 1: false, 2: false, 3: true])
        }
    }

    @Test func aCheckpointEndsTheCall() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 100)
        var evaluations = 0
        var ended = 0
        #expect(throws: Stop.self) {
            try RestorationSession(restorer, problem: .denoise, regularization: .fixed(1e-3)).restore(
                try images([(8, 8)]),
                checkpoint: {
                    evaluations += 1
                    if evaluations == 5 { throw Stop() }
                }, onEnd: { _, _ in ended += 1 })
        }
        #expect(evaluations == 5 && ended == 0)
    }
}
