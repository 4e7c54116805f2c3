import GlowModel
import KernelInterface
import TestSupport
import Testing
import TrainingImages

/// Samples and likelihoods through the interface.
@Suite struct DensityFunctionsTests {
    @Test func samplesAreThoseOfTheLibrary() throws {
        let loaded = try LoadedModel(coupling: .affine)
        var images = [Float](repeating: .nan, count: 2 * 3 * 8 * 12)
        expectOK(reglow_sample(loaded.handle, 8, 12, 2, 0.7, 5, 2, &images))
        let expected = try loaded.glow.sample(
            count: 2, size: Problem.ImageSize(height: 8, width: 12), temperature: 0.7, seed: 5, threads: 1)
        #expect(images.bits == expected.flatMap(\.pixels).bits)
    }

    /// The formula, with the flow's own maps.
    @Test func likelihoodsAreThoseOfTheFlow() throws {
        let loaded = try LoadedModel(coupling: .affine)
        let n = 3 * 8 * 8
        let images = uniformNumbers(11 * n, seed: 8)
        var found = [Double](repeating: .nan, count: 11)
        expectOK(reglow_log_likelihood(loaded.handle, images, 11, 8, 8, 2, &found))
        let shape = ImageShape(channels: 3, height: 8, width: 8)
        let point = try loaded.glow.makeLinearization(imageShape: shape, capacity: 1, threads: 1)
        for image in 0 ..< 11 {
            var (latent, determinant) = ([Float](repeating: 0, count: n), [0.0])
            let x = images[image * n ..< (image + 1) * n].map { $0 - 0.5 }
            loaded.glow.forward(x, count: 1, recording: point, into: &latent, logDeterminants: &determinant)
            let expected = determinant[0] - inner(latent, latent) / 2 - Double(n) / 2 * 1.8378770664093453
            #expect(abs(found[image] - expected) < 1e-9 * abs(expected))
        }
    }

    /// The command's noise and formula, for crops that are images of 8 bits.
    @Test func bitsAreThoseOfTheCommand() throws {
        let loaded = try LoadedModel()
        let folder = try TemporaryFolder()
        let pictures = try (0 ..< 3).map { try picture(height: 8, width: 8, phase: Float($0) / 3).clippedToBytes() }
        for (index, image) in pictures.enumerated() { try ImageFile.write(image, to: folder.file("\(index).png")) }
        let corpus = try ImageCorpus(folder: folder.path, smallestSide: 8, parallelism: .serial) { Issue.record("\($0)") }
        let crops = try ValidationCrops(corpus: corpus, cropSize: 8, limit: 10, dequantization: Dequantization(bits: 5), seed: 3)
        let expected = try loaded.glow.bitsPerDimension(of: crops, parallelism: .serial)
        var found = [Double](repeating: .nan, count: 3)
        expectOK(reglow_bits_per_dimension(loaded.handle, pictures.flatMap(\.pixels), 3, 8, 8, 5, 3, 1, &found))
        #expect(found == expected)
    }

    @Test func badArgumentsAreNamed() throws {
        let loaded = try LoadedModel()
        let numbers = [Float](repeating: 0.5, count: 192)
        var (images, values) = (numbers, [0.0])
        expectRefused(reglow_sample(nil, 8, 8, 1, 1, 0, 1, &images), REGLOW_BAD_ARGUMENT, "model is NULL")
        expectRefused(reglow_sample(loaded.handle, 8, 8, 1, 1, 0, 1, nil), REGLOW_BAD_ARGUMENT, "images is NULL")
        for temperature in [-1, .nan, .infinity] {
            expectRefused(reglow_sample(loaded.handle, 8, 8, 1, temperature, 0, 1, &images), REGLOW_BAD_ARGUMENT, "temperature")
        }
        for count in [0, -1, .max] {
            expectRefused(reglow_sample(loaded.handle, 8, 8, count, 1, 0, 1, &images), REGLOW_BAD_ARGUMENT, "count")
            expectRefused(reglow_log_likelihood(loaded.handle, numbers, count, 8, 8, 1, &values), REGLOW_BAD_ARGUMENT, "count")
        }
        expectRefused(reglow_sample(loaded.handle, 9, 8, 1, 1, 0, 1, &images), REGLOW_BAD_ARGUMENT, "multiples of 4")
        expectRefused(reglow_sample(loaded.handle, 8, 8, 1, 1, 0, 5000, &images), REGLOW_BAD_ARGUMENT, "threads")
        expectRefused(reglow_log_likelihood(loaded.handle, nil, 1, 8, 8, 1, &values), REGLOW_BAD_ARGUMENT, "images is NULL")
        expectRefused(reglow_log_likelihood(loaded.handle, numbers, 1, 8, 8, 1, nil), REGLOW_BAD_ARGUMENT, "log_likelihoods is NULL")
        for bits in [0, 9, -1] {
            expectRefused(
                reglow_bits_per_dimension(loaded.handle, numbers, 1, 8, 8, bits, 0, 1, &values), REGLOW_BAD_ARGUMENT, "noise_bits")
        }
        expectRefused(reglow_bits_per_dimension(loaded.handle, numbers, 1, 8, 8, 5, 0, 1, nil), REGLOW_BAD_ARGUMENT, "bits is NULL")
    }
}

extension Image {
    /// The image as a file of 8 bits has it.
    fileprivate func clippedToBytes() throws -> Image {
        try Image(shape: shape, pixels: pixels.map { (min(max($0, 0), 1) * 255).rounded() / 255 })
    }
}
