import GlowModel
import Imaging
import KernelDispatch
import KernelInterface

extension Glow {
    /// Draws images from the prior: g(z) with z ~ N(0, temperature^2 I), on the [0, 1] scale, not clipped.
    ///
    /// The k-th image depends on the seed and k alone.
    ///
    /// - Parameters:
    ///   - count: how many images.
    ///   - size: height and width of each.
    ///   - temperature: the standard deviation of the latent; below 1 images are more typical, with less variety.
    ///   - seed: the seed of the latents.
    ///   - threads: how many threads work at once; nil is what the machine and its cgroup offer.
    /// - Throws: `GlowShapeError` when the sides are not multiples of `sizeMultiple`.
    public func sample(
        count: Int, size: Problem.ImageSize, temperature: Double = 0.7, seed: UInt64 = 0, threads: Int? = nil
    ) throws -> [Image] {
        try sample(
            count: count, size: size, temperature: temperature, seed: seed,
            parallelism: Parallelism(threads: threads ?? ThreadCount.available()))
    }

    /// Images drawn from the prior: g(z) with z ~ N(0, temperature^2 I), on the [0, 1] scale, not clipped.
    ///
    /// The k-th image depends on the seed and k alone.
    ///
    /// - Throws: `GlowShapeError` when the sides are not multiples of `sizeMultiple`.
    package func sample(
        count: Int, size: Problem.ImageSize, temperature: Double, seed: UInt64, parallelism: Parallelism
    ) throws -> [Image] {
        let shape = ImageShape(channels: imageChannels, height: size.height, width: size.width)
        var images: [Image] = []
        try forEachSample(count: count, size: size, temperature: temperature, seed: seed, parallelism: parallelism) {
            images.append(try Image(shape: shape, pixels: $1))
        }
        return images
    }

    /// Calls `body` with the pixels of each image, as it is drawn.
    ///
    /// - Throws: `GlowShapeError` when the sides are not multiples of `sizeMultiple`; what `body` throws.
    package func forEachSample(
        count: Int, size: Problem.ImageSize, temperature: Double, seed: UInt64, parallelism: Parallelism,
        _ body: (_ index: Int, _ pixels: [Float]) throws -> Void
    ) throws {
        let shape = ImageShape(channels: imageChannels, height: size.height, width: size.width)
        let point = try makeLinearization(imageShape: shape, capacity: 1, parallelism: parallelism)
        var pixels = [Float](repeating: 0, count: shape.count)
        for index in 0 ..< max(0, count) {
            var generator = SeededGenerator(seed: seed, stream: .sample, index: UInt64(index))
            let latent = pixels.indices.map { _ in Float(temperature * generator.nextNormal()) }
            inverse(latent, count: 1, recording: point, into: &pixels)
            try body(index, architecture.modelRange.pixels(pixels))
        }
    }
}
