import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct NoiseFloorTests {
    static let shape = ImageShape(channels: 1, height: 80, width: 80)

    static func floor(_ image: [Float]) throws -> NoiseFloor {
        NoiseFloor(try WeakPatches(image, shape, [Bool](repeating: true, count: shape.pixels)), combination: [1])
    }

    /// 3/5 of 6400 numbers: 1.1 % for sigma, 4 of them.
    @Test func ofWhiteNoiseItIsItsVariance() throws {
        let found = try Self.floor(normalNumbers(Self.shape.count, seed: 1).map { 0.2 * $0 })
        #expect(found.isMeasured)
        #expect(abs(found.variance.squareRoot() / 0.2 - 1) < 0.045)
    }

    /// Neighbours in a row are averaged: the details are even, but not white.
    @Test func correlatedNoiseIsEven() throws {
        let noise = normalNumbers(Self.shape.count, seed: 2)
        let blurred = noise.indices.map { index -> Float in (noise[index] + noise[max(0, index - 1)]) / 2 }
        let found = try Self.floor(blurred)
        #expect(!found.isMeasured && found.isEven)
        #expect(found.variance < found.largestVariance / 3)
    }

    /// White at each place, but of a strength that goes from 0 to 1 over squares of 8x8.
    @Test func unevenDetailsAreTexture() throws {
        let noise = normalNumbers(Self.shape.count, seed: 3)
        let texture = noise.indices.map { index -> Float in
            let (row, column) = (index / 80 / 8, index % 80 / 8)
            let strength = Float((7 * row + 3 * column) % 10) / 9
            return strength * strength * noise[index]
        }
        let found = try Self.floor(texture)
        #expect(found.variance < 0.1 * found.largestVariance || found.variance < 1e-3)
    }
}
