import Reglow
import Testing

@Suite struct NoiseBoundTests {
    static let shape = ImageShape(channels: 3, height: 20, width: 24)

    static func noise(_ sigma: Float, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed, stream: .sample)
        return (0 ..< shape.count).map { _ in sigma * Float(generator.nextNormal()) }
    }

    @Test func whatIsLessThanNoiseIsTaken() throws {
        let y = Self.noise(0.1, seed: 1)
        let x = try Image(shape: Self.shape, pixels: y.map { 0.5 * $0 })
        let kept = try NoiseBound(deviation: 0.1)(x, measured: y)
        #expect(kept == x)
    }

    /// Nowhere does the result lie farther from the measurement than the noise, in the mean over 5x5 pixels; a square with far more is
    /// brought back to it, the rest stays.
    @Test func aThingIsKept() throws {
        let y = Self.noise(0.05, seed: 2)
        let rows = 8 ..< 12
        func isThing(_ index: Int) -> Bool { rows.contains(index % Self.shape.pixels / 24) && rows.contains(index % 24) }
        let pixels = y.enumerated().map { index, value -> Float in isThing(index) ? value + 0.8 : 0.4 * value }
        let x = try Image(shape: Self.shape, pixels: pixels)
        let kept = try NoiseBound(deviation: 0.05)(x, measured: y)
        for index in y.indices where isThing(index) { #expect(abs(kept.pixels[index] - y[index]) < 0.15) }
        #expect(kept.pixels[0] == x.pixels[0])
    }

    @Test func constantAreasAreUntouched() throws {
        let y = (0 ..< Self.shape.count).map { index -> Float in index % 24 < 12 ? 0.25 : Float(index % 7) / 7 }
        let x = try Image(shape: Self.shape, pixels: y.map { $0 + 0.01 })
        let kept = try NoiseBound(deviation: 0.1)(x, measured: y)
        for index in y.indices { #expect(kept.pixels[index] == (index % 24 < 12 ? y[index] : x.pixels[index])) }
    }
}
