import Files
import Foundation
import KernelInterface
import TestSupport
import Testing
import TrainingImages

/// What is in a batch.
@Suite struct BatchTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Pictures that say which pixel of which picture each of their bytes is: red the row, green the column, blue the picture.
    private func writeMaps(_ sizes: [(height: Int, width: Int)]) throws {
        for (index, size) in sizes.enumerated() {
            try folder.picture("\(index).png", height: size.height, width: size.width) { channel, row, column in
                [row, column, 10 * index][channel]
            }
        }
    }

    /// Crops of a batch of maps as (picture, rows, columns).
    private func maps(_ batch: [Float], crop: Int) -> [(picture: Int, rows: [Int], columns: [Int])] {
        let plane = crop * crop
        return stride(from: 0, to: batch.count, by: 3 * plane).map { start in
            let values = bytes(under: batch[start ..< start + 3 * plane])
            return (values[2 * plane] / 10, Array(values[..<plane]), Array(values[plane ..< 2 * plane]))
        }
    }

    @Test func aBatchDependsOnSeedStepAndPlaceAlone() throws {
        try writeMaps([(20, 30), (40, 16), (16, 16), (99, 60), (17, 18)])
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

    @Test func everyEpochHasEveryImageOnceInANewOrder() throws {
        try writeMaps([(Int, Int)](repeating: (8, 8), count: 7))
        var sampler = try folder.sampler(crop: 8, batch: 3)
        let seen = try (0 ..< 14).flatMap { step in
            maps(try sampler.batch(step: step, parallelism: oneThread), crop: 8).map(\.picture)
        }
        let epochs = stride(from: 0, to: 42, by: 7).map { Array(seen[$0 ..< $0 + 7]) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0 ..< 7)) }
        #expect(Set(epochs).count > 1)
        #expect(sampler.epochs(afterSteps: 14) == 6)
    }

    @Test func cropsAreSquaresInsideOfTheImage() throws {
        try writeMaps([(24, 40)])
        var sampler = try folder.sampler(crop: 16, batch: 64)
        var corners: Set<[Int]> = []
        for step in 0 ..< 30 {
            for crop in maps(try sampler.batch(step: step, parallelism: oneThread), crop: 16) {
                let (top, left) = (crop.rows[0], crop.columns[0])
                #expect((0 ... 8).contains(top) && (0 ... 24).contains(left))
                #expect(crop.rows == (0 ..< 256).map { top + $0 / 16 })
                #expect(crop.columns == (0 ..< 256).map { left + $0 % 16 })
                corners.insert([top, left])
            }
        }
        // 9 x 25 corners: of 1920 draws hardly any misses all that were not drawn yet.
        #expect(corners.count == 225)
    }

    @Test func halfOfTheCropsAreMirrored() throws {
        try writeMaps([(16, 16)])
        var sampler = try folder.sampler(crop: 16, batch: 400, flips: true)
        let crops = maps(try sampler.batch(step: 0, parallelism: oneThread), crop: 16)
        let mirrored = crops.filter { $0.columns == (0 ..< 256).map { 15 - $0 % 16 } }
        let plain = crops.filter { $0.columns == (0 ..< 256).map { $0 % 16 } }
        #expect(mirrored.count + plain.count == 400)
        #expect(crops.allSatisfy { $0.rows == (0 ..< 256).map { $0 / 16 } })
        // Ten standard deviations around 200.
        #expect((100 ... 300).contains(mirrored.count))
    }

    @Test func shrunkCropsStayInsideAndSpanUpToTheFactor() throws {
        try writeMaps([(80, 100)])
        var sampler = try folder.sampler(crop: 16, batch: 200, shrink: 3)
        let crops = maps(try sampler.batch(step: 0, parallelism: oneThread), crop: 16)
        let spans = crops.map { Double($0.columns[15] - $0.columns[0]) / 15 }
        #expect(spans.allSatisfy { (0.8 ... 3.2).contains($0) })
        #expect((spans.min() ?? 9) < 1.3 && (spans.max() ?? 0) > 2.6)
        #expect(crops.allSatisfy { $0.rows.allSatisfy((0 ..< 80).contains) && $0.columns.allSatisfy((0 ..< 100).contains) })
        // An image that is too small for the factor is shrunk as far as it goes.
        try folder.picture("0.png", height: 16, width: 20) { [$1, $2, 0][$0] }
        var small = try folder.sampler(crop: 16, batch: 50, shrink: 3)
        for crop in maps(try small.batch(step: 0, parallelism: oneThread), crop: 16) {
            #expect(crop.rows == (0 ..< 256).map { $0 / 16 })
        }
    }

    @Test(arguments: [1, 5, 8])
    func noiseIsUniformOfItsWidthWithMeanZero(_ bits: Int) throws {
        try folder.picture("a.png") { _, _, _ in 51 }
        var sampler = try folder.sampler(crop: 8, batch: 500, bits: bits)
        let width = 1 / Float(1 << bits)
        #expect(sampler.dequantization.width == width)
        let noise = try sampler.batch(step: 0, parallelism: oneThread).map { ($0 + 0.5 - 0.2) / width }
        let slack: Float = 1e-5
        #expect(noise.allSatisfy { abs($0) <= 0.5 + slack })
        // 96,000 numbers: the deciles hold 9,600 with a standard deviation of 93, and the mean one of 0.001.
        for decile in 0 ..< 10 {
            let range = Float(decile) / 10 - 0.5 ..< Float(decile + 1) / 10 - 0.5
            #expect(abs(noise.filter(range.contains).count - 9600) < 800)
        }
        #expect(abs(noise.reduce(0) { $0 + Double($1) } / 96000) < 0.01)
        // Neighbours share a number of the generator, but not their noise.
        let products = stride(from: 0, to: 96000, by: 2).map { Double(noise[$0] * noise[$0 + 1]) }
        #expect(abs(products.reduce(0, +) / 48000) < 0.005)
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
