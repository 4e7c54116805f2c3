import GlowModel
import KernelDispatch
import KernelInterface
import Testing

/// The order of the numbers: a Glow whose steps do nothing only moves them, by squeeze, split and the layout of the latent.
@Suite struct SqueezeTests {
    /// M = I and a network of zeros.
    private struct IdentityGlow: GlowParameterSource {
        let architecture: GlowArchitecture
        var card: ModelCard { ModelCard() }

        func step(level: Int, index: Int) throws -> FlowStepParameters {
            let shape = architecture.stepShape(level: level)
            return try FlowStepParameters(shape: shape) { tensor in
                (0 ..< tensor.dimensions(in: shape).reduce(1, *)).map {
                    tensor == .mixingWeight && $0 % (shape.channels + 1) == 0 ? 1 : 0
                }
            }
        }
    }

    private func recorded(_ set: InstructionSet, levels: Int, _ shape: ImageShape, images: Int) throws -> RecordedGlow {
        let architecture = try GlowArchitecture(levels: levels, steps: 2, hidden: 3, imageChannels: shape.channels)
        return try RecordedGlow(
            Glow(IdentityGlow(architecture: architecture), kernels: set.table), shape, capacity: images, threads: 2)
    }

    /// y[4c + 2 dy + dx, i, j] = x[c, 2i + dy, 2j + dx]
    @Test(arguments: InstructionSet.supported, [(1, 2, 2), (3, 4, 6), (1, 6, 4), (3, 2, 10)])
    func squeezeMovesNumbers(set: InstructionSet, size: (channels: Int, height: Int, width: Int)) throws {
        let (channels, height, width) = size
        let shape = ImageShape(channels: channels, height: height, width: width)
        let glow = try recorded(set, levels: 1, shape, images: 2)
        let images = (0 ..< 2 * shape.count).map { Float($0 + 1) }
        let latents = glow.forward(images).latents
        for image in 0 ..< 2 {
            for c in 0 ..< channels {
                for row in 0 ..< height {
                    for column in 0 ..< width {
                        let squeezed = 4 * c + 2 * (row % 2) + column % 2
                        let place = (squeezed * (height / 2) + row / 2) * (width / 2) + column / 2
                        #expect(
                            latents[image * shape.count + place]
                                == images[image * shape.count + (c * height + row) * width + column])
                    }
                }
            }
        }
        #expect(glow.inverse(latents) == images)
        #expect(glow.forwardJVP(images) == latents)
        #expect(glow.forwardVJP(latents) == images)
        #expect(glow.inverseJVP(latents) == images)
        #expect(glow.inverseVJP(images) == latents)
    }

    /// A 1x4x4 image of 1 ... 16 with two levels, by hand. Squeezed: 1 3 9 11, 2 4 10 12, 5 7 13 15, 6 8 14 16. The last two are
    /// the latent of the finest level; the first two are squeezed again, to one pixel of eight channels.
    @Test(arguments: InstructionSet.supported) func latentHasTheFinestLevelFirst(set: InstructionSet) throws {
        let glow = try recorded(set, levels: 2, ImageShape(channels: 1, height: 4, width: 4), images: 1)
        let image = (1 ... 16).map(Float.init)
        let latent: [Float] = [5, 7, 13, 15, 6, 8, 14, 16, 1, 3, 9, 11, 2, 4, 10, 12]
        #expect(glow.forward(image).latents == latent)
        #expect(glow.inverse(latent) == image)
        #expect(glow.forward(image).logDeterminants == [0])
    }

    @Test(arguments: InstructionSet.supported) func threeLevelsLoseNothing(set: InstructionSet) throws {
        let shape = ImageShape(channels: 3, height: 8, width: 24)
        let glow = try recorded(set, levels: 3, shape, images: 2)
        let images = (0 ..< 2 * shape.count).map { Float($0 + 1) }
        let latents = glow.forward(images).latents
        #expect(latents[..<shape.count].sorted() == Array(images[..<shape.count]))
        #expect(latents[shape.count...].sorted() == Array(images[shape.count...]))
        #expect(glow.inverse(latents) == images)
    }
}
