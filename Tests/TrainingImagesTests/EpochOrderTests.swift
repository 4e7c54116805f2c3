import Foundation
import TestSupport
import Testing
import TrainingImages

@Suite struct EpochOrderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func everyEpochHasEveryImageOnceInANewOrder() throws {
        try folder.writeMaps([(Int, Int)](repeating: (8, 8), count: 7))
        var sampler = try folder.sampler(crop: 8, batch: 3)
        let seen = try (0 ..< 14).flatMap { step in
            maps(try sampler.batch(step: step, parallelism: oneThread), crop: 8).map(\.picture)
        }
        let epochs = stride(from: 0, to: 42, by: 7).map { Array(seen[$0 ..< $0 + 7]) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0 ..< 7)) }
        #expect(Set(epochs).count > 1)
        #expect(sampler.epochs(afterSteps: 14) == 6)
    }
}
