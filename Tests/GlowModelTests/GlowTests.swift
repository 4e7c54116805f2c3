import GlowModel
import KernelDispatch
import TestSupport
import Testing

/// The six maps of `Glow` against the twin in double precision.
@Suite struct GlowTests {
    /// A batch of two images, so that the second lies across vectors.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func values(set: InstructionSet, setup: GlowCase) throws {
        let reference = try setup.reference()
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 2, threads: 2)
        let n = setup.shape.count
        let images = setup.numbers(images: 2, seed: 1)
        let (latents, logDeterminants) = recorded.forward(images)
        let inverses = recorded.inverse(images)
        for image in 0 ..< 2 {
            let range = image * n ..< (image + 1) * n
            let x = images[range].map(Double.init)
            let exact = reference.forward(x)
            #expect(relativeGap(Array(latents[range]), exact.latent) <= flowTolerance)
            #expect(abs(logDeterminants[image] - exact.logDeterminant) <= flowTolerance * max(1, abs(exact.logDeterminant)))
            #expect(relativeGap(Array(inverses[range]), reference.inverse(x)) <= flowTolerance)
        }
    }

    /// All four products at a point that `forward` recorded, and at one that `inverse` recorded.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func products(set: InstructionSet, setup: GlowCase) throws {
        let reference = try setup.reference()
        let recorded = try RecordedGlow(setup.glow(set), setup.shape)
        let start = setup.numbers(seed: 2)
        let v = setup.numbers(seed: 3)
        let exactV = v.map(Double.init)
        for isForward in [true, false] {
            let image: [Double]
            let latent: [Double]
            if isForward {
                _ = recorded.forward(start)
                image = start.map(Double.init)
                latent = reference.forward(image).latent
            } else {
                _ = recorded.inverse(start)
                latent = start.map(Double.init)
                image = reference.inverse(latent)
            }
            let (jacobian, gradient) = reference.forwardJacobian(image)
            let inverseJacobian = reference.inverseJacobian(latent)
            #expect(relativeGap(recorded.forwardJVP(v), jacobian * exactV) <= flowTolerance)
            #expect(relativeGap(recorded.inverseJVP(v), inverseJacobian * exactV) <= flowTolerance)
            #expect(relativeGap(recorded.inverseVJP(v), inverseJacobian.transposed * exactV) <= flowTolerance)
            let pulled = jacobian.transposed * exactV
            #expect(relativeGap(recorded.forwardVJP(v), pulled) <= flowTolerance)
            let withGradient = zip(pulled, gradient).map { $0 - 0.75 * $1 }
            #expect(relativeGap(recorded.forwardVJP(v, logDeterminantWeight: -0.75), withGradient) <= flowTolerance)
        }
    }

    /// The twin against itself: its inverse undoes its forward map, and its log-determinant is that of its Jacobian.
    @Test(arguments: GlowCase.all) func theTwinIsAFlow(setup: GlowCase) throws {
        let reference = try setup.reference()
        let x = setup.numbers(seed: 4).map(Double.init)
        let (latent, logDeterminant) = reference.forward(x)
        #expect(zip(reference.inverse(latent), x).allSatisfy { abs($0 - $1) < 1e-11 })
        let dense = reference.forwardJacobian(x).jacobian.factorized
        #expect(abs(dense.logAbsDeterminant - logDeterminant) < 1e-9)
        #expect(abs(reference.inverseJacobian(latent).factorized.logAbsDeterminant + logDeterminant) < 1e-9)
    }
}
