import GlowModel
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// A Glow whose coupling networks compute in bf16: how far it may be from double precision, and what holds to the bit.
///
/// With u = 2^-9 each of the three products of a network rounds its weights and its inputs, 2 u for every term. That is 6 u, or
/// 0.012, of what a step's network gives, and steps add up: a pass of twelve is off by 0.14 when all roundings conspire, and by
/// a tenth of it when they do not. In a Jacobian a relu whose input rounds to the other side of zero counts more, and the
/// gradient of the log-determinant is a sum of such derivatives only. A wrong pairing of rows or weights is wrong by 1.
@Suite struct CouplingNetworkTests {
    /// Twice what is found at most.
    static let valueTolerance = 0.016
    static let productTolerance = 0.1
    static let gradientTolerance = 0.18

    /// What is nearer to fp32 than this was computed in it.
    static let leastGap = 10 * flowTolerance

    @Test(arguments: InstructionSet.supported, goldenNames) func goldenVectors(set: InstructionSet, name: String) throws {
        let glow = try Glow(ModelFile(path: golden("\(name).model")), kernels: set.table, precision: .bf16)
        let file = try GoldenFile(path: golden("\(name).golden"), architecture: glow.architecture)
        for threads in [1, 3] {
            let errors = try Verification(glow, against: file, parallelism: Parallelism(threads: threads)).errors
            #expect(Set(errors.keys) == Set(VerificationTests.results))
            for (tensor, error) in errors {
                let isConstant =
                    glow.architecture.coupling == .additive && [.logDeterminant, .logDeterminantGradient].contains(tensor)
                switch tensor {
                case _ where isConstant: #expect(error <= flowTolerance, "\(tensor)")
                case .image, .latent, .logDeterminant: #expect(error <= Self.valueTolerance, "\(tensor)")
                case .logDeterminantGradient: #expect(error <= Self.gradientTolerance, "\(tensor)")
                default: #expect(error <= Self.productTolerance, "\(tensor)")
                }
                #expect(isConstant || tensor == .logDeterminant || error > Self.leastGap, "\(tensor) is that of fp32")
            }
        }
    }

    /// The six maps, each at the point that a value map of the same precision recorded.
    private func maps(_ recorded: RecordedGlow, _ setup: GlowCase) -> [(name: String, values: [Float])] {
        let (x, v) = (setup.numbers(images: 2, seed: 51), setup.numbers(images: 2, seed: 52))
        return [
            ("forward", recorded.forward(x).latents), ("forwardJVP", recorded.forwardJVP(v)),
            ("forwardVJP", recorded.forwardVJP(v)), ("inverse", recorded.inverse(x)),
            ("inverseJVP", recorded.inverseJVP(v)), ("inverseVJP", recorded.inverseVJP(v)),
        ]
    }

    /// A flow that is rounded after loading is, to the bit, the one that is rounded on loading.
    @Test(arguments: GlowCase.all) func roundingALoadedFlowGivesTheSameBits(setup: GlowCase) throws {
        let set = try InstructionSet.selected()
        let flows = [Glow(try setup.glow(set, .fp32), precision: .bf16), try setup.glow(set, .bf16)]
        #expect(flows.map(\.precision) == [.bf16, .bf16])
        let results = try flows.map { maps(try RecordedGlow($0, setup.shape, capacity: 2, threads: 2), setup) }
        for (first, second) in zip(results[0], results[1]) { #expect(first.values == second.values, "\(first.name)") }
    }

    /// Every map computes in the precision that was asked for, so its result is near that of fp32, but not equal.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func everyMapDiffersFromFP32(set: InstructionSet, setup: GlowCase) throws {
        let glows = try Precision.allCases.map { try setup.glow(set, $0) }
        #expect(glows.map(\.precision) == Precision.allCases)
        #expect(glows[1].weightBytes < glows[0].weightBytes)
        let results = try glows.map { maps(try RecordedGlow($0, setup.shape, capacity: 2, threads: 2), setup) }
        for (single, half) in zip(results[0], results[1]) {
            let gap = relativeGap(half.values, single.values)
            #expect(gap > Self.leastGap, "\(half.name)")
            #expect(gap <= 2 * Self.productTolerance, "\(half.name)")
        }
    }

    /// The products of bf16 at a point that fp32 recorded. The relus are those of fp32, so nothing is left but the roundings of the
    /// products themselves: smaller errors than where both are in bf16, but errors.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func productsAtPointsOfFP32(set: InstructionSet, setup: GlowCase) throws {
        let (single, half) = (try setup.glow(set), try setup.glow(set, .bf16))
        #expect(half.sharesPoints(with: single) && single.sharesPoints(with: half))
        let exact = try RecordedGlow(single, setup.shape, capacity: 2, threads: 2)
        let mixed = RecordedGlow(half, at: exact.point)
        let (x, v) = (setup.numbers(images: 2, seed: 61), setup.numbers(images: 2, seed: 62))
        for isForward in [true, false] {
            if isForward { _ = exact.forward(x) } else { _ = exact.inverse(x) }
            let products: [(RecordedGlow) -> [Float]] =
                isForward
                ? [{ $0.forwardJVP(v) }, { $0.forwardVJP(v) }] : [{ $0.inverseJVP(v) }, { $0.inverseVJP(v) }]
            for product in products {
                let gap = relativeGap(product(mixed), product(exact))
                #expect(gap > 0 && gap <= Self.valueTolerance)
            }
        }
    }

    @Test func otherModelsShareNoPoints() throws {
        let glow = try GlowCase.all[0].glow(.portable)
        #expect(!glow.sharesPoints(with: try GlowCase.all[1].glow(.portable)))
        for set in InstructionSet.supported where set != .portable {
            #expect(!glow.sharesPoints(with: try GlowCase.all[0].glow(set)))
        }
    }

    /// Both ways compute the same networks, of inputs that differ by float32 roundings. Where such an input lies at a tie it
    /// becomes another bfloat16, by 2^-8: one of the tens of inputs of a sum, so a thousandth of the result at most.
    @Test(arguments: InstructionSet.supported, GlowCase.all) func valuesAreNearlyInverse(set: InstructionSet, setup: GlowCase) throws {
        let recorded = try RecordedGlow(setup.glow(set, .bf16), setup.shape, capacity: 3, threads: 2)
        let x = setup.numbers(images: 3, seed: 53)
        expectInverse({ recorded.forward($0).latents }, recorded.inverse, at: x, within: 1e-3)
        expectInverse(recorded.inverse, { recorded.forward($0).latents }, at: x, within: 1e-3)
    }

    /// Each side rounds other numbers, 0.012 of a network's result; in an inner product of hundreds of terms they cancel down to
    /// a tenth.
    @Test(arguments: InstructionSet.supported, GlowCase.all)
    func productsAreNearlyTransposed(set: InstructionSet, setup: GlowCase) throws {
        let recorded = try RecordedGlow(setup.glow(set, .bf16), setup.shape, capacity: 3, threads: 2)
        let (v, w) = (setup.numbers(images: 3, seed: 54), setup.numbers(images: 3, seed: 55))
        for isForward in [true, false] {
            let point = setup.numbers(images: 3, seed: 56)
            if isForward { _ = recorded.forward(point) } else { _ = recorded.inverse(point) }
            expectTransposed(recorded.forwardJVP, { recorded.forwardVJP($0) }, tangent: v, cotangent: w, within: 1e-3)
            expectTransposed(recorded.inverseJVP, recorded.inverseVJP, tangent: v, cotangent: w, within: 1e-3)
        }
    }

    /// The networks have no part in a constant log-determinant, so it is that of fp32 to the bit.
    @Test(arguments: InstructionSet.supported, GlowCase.all.filter { (try? $0.scales) == false })
    func additiveLogDeterminantIsExact(set: InstructionSet, setup: GlowCase) throws {
        let images = setup.numbers(images: 2, seed: 57)
        let logDeterminants = try Precision.allCases.map {
            try RecordedGlow(setup.glow(set, $0), setup.shape, capacity: 2).forward(images).logDeterminants
        }
        #expect(logDeterminants[0] == logDeterminants[1])
    }

    /// All sets that round once in a multiply-add give the same bits, whether the processor has an instruction for bf16 or not.
    @Test(arguments: InstructionSet.supported.filter { $0 > .avx2 }, GlowCase.all + GlowPassTests.cases)
    func bitsAreTheSameOnEverySet(set: InstructionSet, setup: GlowCase) throws {
        let (x, z) = (setup.numbers(images: 2, seed: 58), setup.numbers(images: 2, seed: 59))
        let v = setup.numbers(images: 2, seed: 60)
        let bits = try [.avx2, set].map {
            try RecordedGlow(setup.glow($0, .bf16), setup.shape, capacity: 2, threads: 2)
                .allBits(images: x, latents: z, vectors: v)
        }
        #expect(bits[0] == bits[1])
    }
}
