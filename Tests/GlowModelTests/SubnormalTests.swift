import GlowModel
import KernelDispatch
import Testing

#if arch(x86_64)
    /// Subnormal numbers, which a processor handles many times slower, are zero inside of a pass and numbers again after it.
    @Suite struct SubnormalTests {
        static let cases = GlowCase.all

        @Test(arguments: Arithmetic.supported, cases) func subnormalsCountAsZero(arithmetic: Arithmetic, setup: GlowCase) throws {
            for threads in [1, 2] {
                let recorded = try RecordedGlow(setup.glow(arithmetic), setup.shape, threads: threads)
                let zero = [Float](repeating: 0, count: setup.shape.count)
                let tiny = setup.numbers(seed: 41).map { $0 * 0x1p-130 }
                #expect(tiny.contains { $0 != 0 && $0.isSubnormal })
                func equal(_ map: ([Float]) -> [Float]) -> Bool { map(tiny) == map(zero) }
                #expect(equal { recorded.forward($0).latents })
                #expect(equal(recorded.inverse))
                #expect(equal(recorded.forwardJVP))
                #expect(equal { recorded.forwardVJP($0) })
                #expect(equal(recorded.inverseJVP))
                #expect(equal(recorded.inverseVJP))
            }
        }

        /// The products are linear, so without flushing half of the smallest normal number would come through.
        @Test(arguments: Arithmetic.supported) func subnormalResultsAreFlushed(arithmetic: Arithmetic) throws {
            let setup = Self.cases[0]
            let recorded = try RecordedGlow(setup.glow(arithmetic), setup.shape)
            _ = recorded.forward(setup.numbers(seed: 42))
            let smallest = [Float](repeating: .leastNormalMagnitude, count: setup.shape.count)
            #expect(recorded.forwardJVP(smallest).allSatisfy { !$0.isSubnormal })
        }

        @Test(arguments: Arithmetic.supported) func theCallersModeComesBack(arithmetic: Arithmetic) throws {
            let setup = Self.cases[1]
            let recorded = try RecordedGlow(setup.glow(arithmetic), setup.shape, threads: 2)
            let tiny = setup.numbers(seed: 43).map { abs($0) * 0x1p-126 + 0x1p-126 }
            _ = recorded.forward(tiny)
            #expect(tiny.map { $0 / 4 }.allSatisfy { $0 > 0 && $0 * 4 > 0 })
        }
    }
#endif
