import Foundation
import TestSupport
import Testing
import TrainingImages

@Suite struct DequantizationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

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
}
