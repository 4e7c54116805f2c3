import GlowModel
import KernelDispatch
import KernelInterface
import Testing

/// What `makeLinearization` takes and what it refuses.
@Suite struct GlowLinearizationTests {
    private func glow(channels: Int = 3) throws -> Glow {
        let architecture = try GlowArchitecture(levels: 2, steps: 1, hidden: 4, imageChannels: channels)
        return try Glow(RandomGlow(architecture: architecture, seed: 1), kernels: InstructionSet.portable.table)
    }

    @Test(arguments: [
        (3, 6, 8, "6x8"), (3, 8, 2, "8x2"), (3, 7, 8, "multiples of 4"), (3, 0, 8, "0x8"), (3, 8, 0, "8x0"), (3, -4, 8, "-4x8"),
        (1, 8, 8, "1x8x8"), (4, 8, 8, "3 channels"), (0, 8, 8, "0x8x8"), (-3, 8, 8, "-3x8x8"),
    ])
    func wrongShapesThrow(channels: Int, height: Int, width: Int, message: String) throws {
        let shape = ImageShape(channels: channels, height: height, width: width)
        let glow = try glow()
        let error = #expect(throws: GlowShapeError.self) {
            try glow.makeLinearization(imageShape: shape, capacity: 1, parallelism: Parallelism(threads: 1))
        }
        #expect(error?.imageShape == shape)
        #expect(error?.description.contains(message) == true)
    }

    @Test(arguments: [0, -1, .min]) func emptyBatchesThrow(capacity: Int) throws {
        let glow = try glow()
        let shape = ImageShape(channels: 3, height: 8, width: 8)
        let error = #expect(throws: GlowShapeError.self) {
            try glow.makeLinearization(imageShape: shape, capacity: capacity, parallelism: Parallelism(threads: 1))
        }
        #expect(error?.description.contains("\(capacity) images") == true)
    }

    @Test func rightShapesAreTaken() throws {
        for (channels, height, width) in [(3, 4, 4), (3, 4, 20), (1, 12, 8)] {
            let shape = ImageShape(channels: channels, height: height, width: width)
            let glow = try glow(channels: channels)
            let point = try glow.makeLinearization(imageShape: shape, capacity: 2, parallelism: Parallelism(threads: 3))
            #expect(point.imageShape == shape)
            #expect(point.capacity == 2)
            #expect(point.count == 0)
            #expect(point.bytes > 0)
        }
    }

    @Test func modelDescribesItself() throws {
        let glow = try glow(channels: 1)
        #expect(glow.imageChannels == 1)
        #expect(glow.sizeMultiple == 4)
        // M stands beside its inverse, every other weight once; C, 9 C/2 and 9 O are 4 or 8, 18 or 36; padded to tiles of 8.
        let finest = 2 * 8 * 8 + 8 * 24 + 8 * 8 + 24 * 8
        let coarsest = 2 * 8 * 8 + 8 * 40 + 8 * 8 + 40 * 8
        #expect(glow.weightBytes == 4 * (finest + coarsest))
    }

    @Test(arguments: InstructionSet.supported) func kernelsAreTheOnesAskedFor(set: InstructionSet) throws {
        let architecture = try GlowArchitecture(levels: 1, steps: 1, hidden: 4)
        let source = RandomGlow(architecture: architecture, seed: 1)
        #expect(try Glow(source, kernels: set.table).kernels.name == set.rawValue)
        #expect(try Glow(source).kernels.name == InstructionSet.selected().rawValue)
    }
}
