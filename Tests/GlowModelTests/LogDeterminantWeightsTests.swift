import GlowModel
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// A cotangent of the log-determinant for each image of a batch.
@Suite struct LogDeterminantWeightsTests {
    /// The same weight for all has the bits of the one that kernels know, wherever images lie in the vectors.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func oneWeightHasTheBitsOfTheKernels(set: InstructionSet, setup: GlowCase)
        throws
    {
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 3, threads: 2)
        _ = recorded.forward(setup.numbers(images: 3, seed: 41))
        let v = setup.numbers(images: 3, seed: 42)
        #expect(recorded.forwardVJP(v, weights: [-0.75, -0.75, -0.75]).bits == recorded.forwardVJP(v, logDeterminantWeight: -0.75).bits)
        #expect(recorded.forwardVJP(v, weights: [0, 0, 0]) == recorded.forwardVJP(v))
    }

    /// Each image has what it would have alone.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func eachImageHasItsOwn(set: InstructionSet, setup: GlowCase) throws {
        let n = setup.shape.count
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 3, threads: 2)
        let alone = try RecordedGlow(setup.glow(set), setup.shape)
        let (x, v) = (setup.numbers(images: 3, seed: 43), setup.numbers(images: 3, seed: 44))
        let weights: [Float] = [0.5, 0, -3]
        _ = recorded.forward(x)
        let (forward, inverse) = (recorded.forwardVJP(v, weights: weights), recorded.inverseVJP(v, weights: weights))
        for image in 0 ..< 3 {
            let range = image * n ..< (image + 1) * n
            _ = alone.forward(Array(x[range]))
            #expect(Array(forward[range]).bits == alone.forwardVJP(Array(v[range]), logDeterminantWeight: weights[image]).bits)
            #expect(Array(inverse[range]).bits == alone.inverseVJP(Array(v[range]), weights: [weights[image]]).bits)
        }
    }
}

extension RecordedGlow {
    func forwardVJP(_ cotangent: [Float], weights: [Float]) -> [Float] {
        var images = [Float](repeating: .nan, count: cotangent.count)
        glow.forwardVJP(at: point, cotangent: cotangent, logDeterminantCotangents: weights, into: &images)
        return images
    }

    func inverseVJP(_ cotangent: [Float], weights: [Float]) -> [Float] {
        var latents = [Float](repeating: .nan, count: cotangent.count)
        glow.inverseVJP(at: point, cotangent: cotangent, logDeterminantCotangents: weights, into: &latents)
        return latents
    }
}

extension Array where Element == Float {
    fileprivate var bits: [UInt32] { map(\.bitPattern) }
}
