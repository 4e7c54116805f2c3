import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct LikelihoodTests {
    /// The formula for crops one by one, with the log-density taken from the flow alone; more crops than are evaluated at once.
    @Test func bitsAreThoseOfTheDensity() throws {
        let folder = try TemporaryFolder()
        for index in 0 ..< 11 {
            try ImageFile.write(Sample.image(height: 8, width: 8, phase: Double(index) / 3), to: folder.file("\(index).png"))
        }
        let corpus = try ImageCorpus(folder: folder.path, smallestSide: 8, parallelism: Parallelism(threads: 1)) {
            Issue.record("\($0)")
        }
        let crops = try ValidationCrops(
            corpus: corpus, cropSize: 8, limit: 100, dequantization: Dequantization(bits: 5), seed: 3)
        #expect(crops.count == 11)
        let prior = try Sample.prior(coupling: .affine)
        let point = try prior.makeLinearization(imageShape: crops.imageShape, capacity: 1, parallelism: Parallelism(threads: 1))
        let n = crops.imageShape.count
        let expected = (0 ..< crops.count).map { crop in
            var latent = [Float](repeating: 0, count: n)
            var logDeterminant = [0.0]
            prior.forward(
                Array(crops.images[crop * n ..< (crop + 1) * n]), count: 1, recording: point, into: &latent,
                logDeterminants: &logDeterminant)
            let logDensity = logDeterminant[0] - inner(latent, latent) / 2 - Double(n) / 2 * log(2 * Double.pi)
            return 5 - logDensity / (log(2) * Double(n))
        }
        let found = try prior.bitsPerDimension(of: crops, parallelism: Parallelism(threads: 2))
        #expect(found.count == 11 && Set(found).count == 11)
        for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-9) }
    }
}
