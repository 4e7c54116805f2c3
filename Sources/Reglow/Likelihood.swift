import Glibc
import GlowModel
import KernelInterface
import TrainingImages

extension Glow {
    /// Bits per dimension of each crop under the model: with n numbers in a crop, and noise of width 2^-b,
    ///
    ///     b - log2 p(x) / n,    -log p(x) = |z|^2 / 2 + n/2 log(2 pi) - log|det dz/dx|,    z = f(x)
    ///
    /// - Throws: `GlowShapeError` when the sides of a crop are not multiples of `sizeMultiple`.
    package func bitsPerDimension(of crops: ValidationCrops, parallelism: Parallelism) throws -> [Double] {
        let dimensions = crops.imageShape.count
        let capacity = min(crops.count, 8)
        let point = try makeLinearization(imageShape: crops.imageShape, capacity: capacity, parallelism: parallelism)
        var latents = [Float](repeating: 0, count: capacity * dimensions)
        var logDeterminants = [Double](repeating: 0, count: capacity)
        var bits: [Double] = []
        for first in stride(from: 0, to: crops.count, by: capacity) {
            let count = min(capacity, crops.count - first)
            let images = Array(crops.images[first * dimensions ..< (first + count) * dimensions])
            forward(images, count: count, recording: point, into: &latents, logDeterminants: &logDeterminants)
            for image in 0 ..< count {
                let latent = latents[image * dimensions ..< (image + 1) * dimensions]
                let energy = latent.reduce(0) { $0 + Double($1) * Double($1) }
                let cost = (energy / 2 - logDeterminants[image]) / Double(dimensions) + log(2 * Double.pi) / 2
                bits.append(Double(crops.dequantization.bits) + cost / log(2))
            }
        }
        return bits
    }
}
