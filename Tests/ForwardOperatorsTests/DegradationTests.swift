import ForwardOperators
import KernelInterface
import TestSupport
import Testing

@Suite struct DegradationTests {
    private let image = uniformNumbers(3 * 20 * 20, seed: 1)

    @Test func addsTheDocumentedNoise() throws {
        let identity = try Identity(imageShape: shape(3, 20, 20))
        let y = try Degradation(identity, noiseDeviation: 0.1, seed: 7).measure(image)
        var generator = SeededGenerator(seed: 7, stream: .noise)
        let expected = image.map { Double($0) + 0.1 * generator.nextNormal() }
        #expect(largestGap(y, expected) < 1e-6)
        #expect(try Degradation(identity, noiseDeviation: 0.1, seed: 7).measure(image) == y)
        #expect(try Degradation(identity, noiseDeviation: 0.1, seed: 8).measure(image) != y)
        #expect(try Degradation(identity, noiseDeviation: 0, seed: 7).measure(image) == image)
    }

    @Test func missingPixelsGetNoNoise() throws {
        let identity = try Identity(imageShape: shape(3, 20, 20))
        let mask = try Mask.random(identity.imageShape, missing: 0.6, seed: 7)
        let blurred = try Composition(mask, after: Blur(imageShape: mask.imageShape, pointSpread: .uniform(3)))
        let full = try Degradation(identity, noiseDeviation: 0.1, seed: 7).measure(image)
        let masked = try Degradation(mask, noiseDeviation: 0.1, seed: 7).measure(image)
        let both = try Degradation(blurred, noiseDeviation: 0.1, seed: 7).measure(image)
        for index in 0 ..< image.count {
            let kept = mask.keep[index % 400]
            #expect(masked[index].bitPattern == (kept ? full[index].bitPattern : 0))
            #expect(kept ? both[index] != 0 : both[index].bitPattern == 0)
        }
    }

    @Test(arguments: [-0.01, .nan, .infinity])
    func refusesBadNoise(deviation: Double) throws {
        let identity = try Identity(imageShape: shape(1, 1, 1))
        #expect(throws: OperatorError.self) { try Degradation(identity, noiseDeviation: deviation, seed: 0) }
    }

    @Test func refusesBadImages() throws {
        let degradation = try Degradation(Identity(imageShape: shape(1, 1, 2)), noiseDeviation: 0, seed: 0)
        #expect(throws: OperatorError.notFinite(what: "image")) { try degradation.measure([0, .nan]) }
        #expect(throws: OperatorError.wrongCount(of: "image", expected: 2, actual: 1)) { try degradation.measure([0]) }
    }
}
