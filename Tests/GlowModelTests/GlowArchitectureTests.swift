import GlowModel
import Testing

@Suite struct GlowArchitectureTests {
    /// The network of Oberlin and Verm: 14.8 GMAC for the couplings of one 64x64 image.
    @Test func costOfThePapersNetwork() throws {
        let paper = try GlowArchitecture(levels: 4, steps: 32, hidden: 512)
        let cost = paper.multiplyAccumulates(height: 64, width: 64)
        var couplings = 0
        var mixings = 0
        for (channels, pixels) in [(12, 32 * 32), (24, 16 * 16), (48, 8 * 8), (96, 4 * 4)] {
            couplings += 32 * pixels * (2 * 9 * (channels / 2) * 512 + 512 * 512)
            mixings += 32 * pixels * channels * channels
        }
        #expect(cost.couplings == Double(couplings))
        #expect(cost.mixings == Double(mixings))
        #expect((cost.couplings / 1e8).rounded() == 148)
    }

    @Test func latentTakesEveryNumberOfTheImage() throws {
        for (channels, levels) in [(1, 1), (1, 3), (3, 1), (3, 4), (3, 8)] {
            let architecture = try GlowArchitecture(levels: levels, steps: 1, hidden: 4, imageChannels: channels)
            let (height, width) = (2 * architecture.sizeMultiple, 3 * architecture.sizeMultiple)
            #expect(architecture.isValid(height: height, width: width))
            let latent = (0 ..< levels).reduce(0) { sum, level in
                sum + architecture.latentChannels(level: level) * (height >> (level + 1)) * (width >> (level + 1))
            }
            #expect(latent == channels * height * width)
        }
    }

    @Test func channelsAndOutputs() throws {
        let additive = try GlowArchitecture(levels: 4, steps: 1, hidden: 4)
        let affine = try GlowArchitecture(levels: 4, steps: 1, hidden: 4, coupling: .affine)
        #expect((0 ..< 4).map(additive.channels) == [12, 24, 48, 96])
        #expect((0 ..< 4).map { additive.stepShape(level: $0).outputs } == [6, 12, 24, 48])
        #expect((0 ..< 4).map { affine.stepShape(level: $0).outputs } == [12, 24, 48, 96])
        #expect((0 ..< 4).map(additive.latentChannels) == [6, 12, 24, 96])
    }

    @Test func sizesMustBePositiveMultiples() throws {
        let architecture = try GlowArchitecture(levels: 3, steps: 1, hidden: 4)
        #expect(architecture.isValid(height: 8, width: 24))
        for (height, width) in [(0, 8), (8, 0), (-8, 8), (8, -8), (4, 8), (8, 12), (.min, .max)] {
            #expect(!architecture.isValid(height: height, width: width))
        }
    }

    @Test func boundsAreChecked() {
        func expectFault(_ key: GlowArchitectureError.Key, _ make: () throws -> GlowArchitecture) {
            let error = #expect(throws: GlowArchitectureError.self) { try make() }
            #expect(error?.key == key)
        }
        for levels in [.min, -1, 0, 9, .max] {
            expectFault(.levels) { try GlowArchitecture(levels: levels, steps: 1, hidden: 4) }
        }
        expectFault(.levels) { try GlowArchitecture(steps: [], hidden: 4) }
        for steps in [.min, 0, 1025, .max] {
            expectFault(.steps) { try GlowArchitecture(steps: [1, steps], hidden: 4) }
        }
        for hidden in [.min, 0, 65537, .max] {
            expectFault(.hidden) { try GlowArchitecture(levels: 1, steps: 1, hidden: hidden) }
        }
        for channels in [.min, 0, 2, 4, .max] {
            expectFault(.imageChannels) { try GlowArchitecture(levels: 1, steps: 1, hidden: 4, imageChannels: channels) }
        }
        for shift in [.nan, .infinity, -1.5, 2] as [Float] {
            expectFault(.pixelShift) { try GlowArchitecture(levels: 1, steps: 1, hidden: 4, pixelShift: shift) }
        }
    }

    @Test func largestArchitectureCountsWithoutOverflow() throws {
        let largest = try GlowArchitecture(levels: 8, steps: 1024, hidden: 65536, coupling: .affine)
        #expect(largest.parameterCount > 0)
        #expect(largest.multiplyAccumulates(height: .max / 256 * 256, width: .max / 256 * 256).couplings.isFinite)
    }
}
