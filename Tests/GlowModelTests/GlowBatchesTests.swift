import GlowModel
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// The log-determinant of the inverse, and its gradient.
@Suite struct GlowBatchesTests {
    private func inverse(_ recorded: RecordedGlow, _ latents: [Float], count: Int) -> [Double] {
        var (images, logDeterminants) = (latents, [Double](repeating: .nan, count: count))
        recorded.glow.inverse(latents, count: count, recording: recorded.point, into: &images, logDeterminants: &logDeterminants)
        return logDeterminants
    }

    /// log|det dx/dz| of the twin in Double, for each image of a batch.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func theInverseHasItsLogDeterminant(set: InstructionSet, setup: GlowCase)
        throws
    {
        let (reference, n) = (try setup.reference(), setup.shape.count)
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 3, threads: 2)
        let latents = setup.numbers(images: 3, seed: 51)
        let found = inverse(recorded, latents, count: 3)
        for image in 0 ..< 3 {
            let x = reference.inverse(latents[image * n ..< (image + 1) * n].map(Double.init))
            let exact = -reference.forward(x).logDeterminant
            #expect(abs(found[image] - exact) <= flowTolerance * max(1, abs(exact)))
        }
        // Alone, the same bits.
        let alone = try RecordedGlow(setup.glow(set), setup.shape)
        #expect(inverse(alone, Array(latents[n ..< 2 * n]), count: 1)[0] == found[1])
    }

    /// <gradient of log|det J_g|, v> is the derivative of log|det J_g(z)| in z, and adds to J_g' v.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func theInverseHasTheGradientOfItsLogDeterminant(
        set: InstructionSet, setup: GlowCase
    ) throws {
        let reference = try setup.reference()
        let recorded = try RecordedGlow(setup.glow(set), setup.shape)
        let (z, v) = (setup.numbers(seed: 52), setup.numbers(seed: 53))
        _ = recorded.inverse(z)
        let gradient = recorded.inverseVJP([Float](repeating: 0, count: z.count), weights: [1])
        let differences = centralGradient(of: { -reference.forward(reference.inverse($0)).logDeterminant }, at: z.map(Double.init))
        if try setup.scales {
            #expect(relativeGap(gradient, differences) <= flowTolerance)
        } else {
            #expect(gradient.allSatisfy { $0 == 0 })
        }
        let both = recorded.inverseVJP(v, weights: [-0.5])
        let expected = zip(recorded.inverseVJP(v), gradient).map { $0 - 0.5 * $1 }
        #expect(relativeGap(both, expected) <= flowTolerance)
    }
}
