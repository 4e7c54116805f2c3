import Files
import Foundation
import KernelInterface
import TestSupport
import Testing
import TrainingImages

/// What is in a batch.
@Suite struct BatchSamplerTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aBatchDependsOnSeedStepAndPlaceAlone() throws {
        try folder.writeMaps([(20, 30), (40, 16), (16, 16), (99, 60), (17, 18)])
        var sampler = try folder.sampler(crop: 16, batch: 6, flips: true, shrink: 2, bits: 5)
        let batches = try (0 ..< 9).map { try sampler.batch(step: $0, parallelism: oneThread) }
        #expect(Set(batches).count == 9)

        var again = try folder.sampler(crop: 16, batch: 6, flips: true, shrink: 2, bits: 5, memoryLimit: 0)
        for step in [7, 0, 3, 3] {
            #expect(try again.batch(step: step, parallelism: Parallelism(threads: 3)) == batches[step])
        }
        var other = try folder.sampler(crop: 16, batch: 6, flips: true, shrink: 2, bits: 5, seed: 2)
        #expect(try other.batch(step: 0, parallelism: oneThread) != batches[0])

        // Place p = step * batch + b: the same crops in batches of another size.
        var pairs = try folder.sampler(crop: 16, batch: 2, flips: true, shrink: 2, bits: 5)
        let parts = try (3 ..< 6).flatMap { try pairs.batch(step: $0, parallelism: oneThread) }
        #expect(parts == batches[1])
    }

    @Test func impossibleOptionsAreErrors() throws {
        try folder.picture("a.png", height: 20, width: 20)
        for (crop, batch, shrink, bits) in [
            (0, 1, 1, 5), (8, 0, 1, 5), (8, -1, 1, 5), (8, 5000, 1, 5), (8, 1, 0.5, 5), (8, 1, .nan, 5), (8, 1, .infinity, 5),
            (8, 1, 1, 0), (8, 1, 1, 9), (5000, 1, 1, 5),
        ] as [(Int, Int, Double, Int)] {
            #expect(throws: TrainingOptionError.self, "\(crop) \(batch) \(shrink) \(bits)") {
                var options = BatchSampler.Options()
                (options.cropSize, options.batch, options.largestShrink) = (crop, batch, shrink)
                return try BatchSampler(
                    corpus: folder.corpus().corpus, options: options, dequantization: Dequantization(bits: bits), seed: 0)
            }
        }
        #expect(throws: TrainingOptionError.self) {
            var options = BatchSampler.Options()
            options.cropSize = 9
            return try BatchSampler(
                corpus: folder.corpus(smallestSide: 8).corpus, options: options, dequantization: Dequantization(bits: 5), seed: 0)
        }
    }

    @Test func aFileThatVanishesIsNamed() throws {
        try folder.picture("a.png")
        var sampler = try folder.sampler(crop: 8, batch: 2, memoryLimit: 0)
        try FileManager.default.removeItem(atPath: folder.file("a.png"))
        let error = #expect(throws: FileError.self) { try sampler.batch(step: 0, parallelism: oneThread) }
        #expect(error?.path == folder.file("a.png"))
    }
}
