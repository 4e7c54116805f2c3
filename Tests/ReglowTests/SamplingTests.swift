import Reglow
import Testing

@Suite struct SamplingTests {
    private let size = Problem.ImageSize(height: 8, width: 12)

    private func sample(_ count: Int, temperature: Double = 0.7, seed: UInt64 = 1) throws -> [Image] {
        try Sample.prior().sample(
            count: count, size: size, temperature: temperature, seed: seed, parallelism: Parallelism(threads: 2))
    }

    @Test func aSampleDependsOnItsSeedAndNumberAlone() throws {
        let three = try sample(3)
        #expect(try sample(2) == Array(three.prefix(2)))
        #expect(three[0] != three[1])
        #expect(try sample(1, seed: 2)[0] != three[0])
        #expect(three.allSatisfy { $0.shape == ImageShape(channels: 3, height: 8, width: 12) })
    }

    /// The latent of a sample has the temperature as its standard deviation: 4 images of 288 numbers give it to 10 %.
    @Test func theTemperatureIsTheDeviationOfTheLatent() throws {
        let prior = try Sample.prior()
        let images = try sample(4, temperature: 0.5)
        let shape = images[0].shape
        let point = try prior.makeLinearization(imageShape: shape, capacity: 4, parallelism: Parallelism(threads: 1))
        var latents = [Float](repeating: 0, count: 4 * shape.count)
        var logDeterminants = [Double](repeating: 0, count: 4)
        let modelRange = images.flatMap { $0.pixels.map { $0 - 0.5 } }
        prior.forward(modelRange, count: 4, recording: point, into: &latents, logDeterminants: &logDeterminants)
        let variance = latents.reduce(0) { $0 + Double($1 * $1) } / Double(latents.count)
        #expect(abs(variance.squareRoot() - 0.5) < 0.05)
    }

    @Test func aSizeThatTheFlowDoesNotTakeIsRefused() throws {
        #expect(throws: GlowShapeError.self) {
            try Sample.prior().sample(
                count: 1, size: Problem.ImageSize(height: 9, width: 8), temperature: 1, seed: 0,
                parallelism: Parallelism(threads: 1))
        }
    }
}
