import GlowModel
import KernelDispatch
import TestSupport
import Testing

/// The laws of a flow, called for every map: see `FlowLaws.swift` of `TestSupport`.
@Suite struct NormalizingFlowTests {
    @Test(arguments: InstructionSet.supported, GlowCase.all) func valuesAreInverse(set: InstructionSet, setup: GlowCase) throws {
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 3, threads: 2)
        let x = setup.numbers(images: 3, seed: 11)
        expectInverse({ recorded.forward($0).latents }, recorded.inverse, at: x)
        expectInverse(recorded.inverse, { recorded.forward($0).latents }, at: x)
    }

    @Test(arguments: InstructionSet.supported, GlowCase.all) func productsAreInverse(set: InstructionSet, setup: GlowCase) throws {
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 3, threads: 2)
        _ = recorded.forward(setup.numbers(images: 3, seed: 12))
        let v = setup.numbers(images: 3, seed: 13)
        expectInverse(recorded.forwardJVP, recorded.inverseJVP, at: v)
        expectInverse(recorded.inverseJVP, recorded.forwardJVP, at: v)
        expectInverse({ recorded.forwardVJP($0) }, recorded.inverseVJP, at: v)
        expectInverse(recorded.inverseVJP, { recorded.forwardVJP($0) }, at: v)
    }

    @Test(arguments: InstructionSet.supported, GlowCase.all) func productsAreTransposed(set: InstructionSet, setup: GlowCase) throws {
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 3, threads: 2)
        let (v, w) = (setup.numbers(images: 3, seed: 14), setup.numbers(images: 3, seed: 15))
        for isForward in [true, false] {
            let point = setup.numbers(images: 3, seed: 16)
            if isForward { _ = recorded.forward(point) } else { _ = recorded.inverse(point) }
            expectTransposed(recorded.forwardJVP, { recorded.forwardVJP($0) }, tangent: v, cotangent: w)
            expectTransposed(recorded.inverseJVP, recorded.inverseVJP, tangent: v, cotangent: w)
        }
    }

    @Test(arguments: InstructionSet.supported, GlowCase.all) func tangentsAreDerivatives(set: InstructionSet, setup: GlowCase) throws {
        let reference = try setup.reference()
        let recorded = try RecordedGlow(setup.glow(set), setup.shape)
        let (x, v) = (setup.numbers(seed: 17), setup.numbers(seed: 18))
        _ = recorded.forward(x)
        expectDerivative(recorded.forwardJVP(v), of: { reference.forward($0).latent }, at: x, along: v)
        _ = recorded.inverse(x)
        expectDerivative(recorded.inverseJVP(v), of: { reference.inverse($0) }, at: x, along: v)
    }

    /// <gradient of log|det|, v> is the derivative of log|det| along v.
    @Test(arguments: InstructionSet.supported, GlowCase.all.filter { (try? $0.scales) == true })
    func logDeterminantGradientIsTheDerivative(set: InstructionSet, setup: GlowCase) throws {
        let reference = try setup.reference()
        let recorded = try RecordedGlow(setup.glow(set), setup.shape)
        let x = setup.numbers(seed: 19)
        _ = recorded.forward(x)
        let zero = [Float](repeating: 0, count: x.count)
        let gradient = recorded.forwardVJP(zero, logDeterminantWeight: 1)
        let differences = centralGradient(of: { reference.forward($0).logDeterminant }, at: x.map(Double.init))
        #expect(relativeGap(gradient, differences) <= flowTolerance)
    }

    /// Additive couplings have a constant log-determinant, where no prior scales by what it is given.
    @Test(arguments: InstructionSet.supported, GlowCase.all.filter { (try? $0.scales) == false })
    func additiveLogDeterminantIsConstant(set: InstructionSet, setup: GlowCase) throws {
        let recorded = try RecordedGlow(setup.glow(set), setup.shape, capacity: 2)
        let logDeterminants = recorded.forward(setup.numbers(images: 2, seed: 20)).logDeterminants
        #expect(logDeterminants[0] == logDeterminants[1])
        let zero = [Float](repeating: 0, count: 2 * setup.shape.count)
        #expect(recorded.forwardVJP(zero, logDeterminantWeight: 1) == zero)
    }

    /// log|det| of the products is what `forward` says, and minus that for the inverse.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func logDeterminantIsThatOfTheProducts(
        set: InstructionSet, setup: GlowCase
    ) throws {
        let recorded = try RecordedGlow(setup.glow(set), setup.shape)
        let logDeterminant = recorded.forward(setup.numbers(seed: 21)).logDeterminants[0]
        expectLogDeterminant(logDeterminant, of: recorded.forwardJVP, dimension: setup.shape.count)
        expectLogDeterminant(-logDeterminant, of: recorded.inverseJVP, dimension: setup.shape.count)
    }
}
