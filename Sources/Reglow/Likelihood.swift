import Glibc
import GlowModel
import KernelInterface
import TrainingImages

extension Glow {
    /// Images that are evaluated at once, at most.
    package static var likelihoodBatch: Int { 8 }

    /// log p(x) of each image under the model, in nats, with n numbers in an image:
    ///
    ///     log p(x) = -|z|^2 / 2 - n/2 log(2 pi) + log|det dz/dx|,    z = f(x)
    ///
    /// - Parameter fill: writes image `index` of this shape, in the model's range.
    /// - Throws: `GlowShapeError` when the sides are not multiples of `sizeMultiple`.
    package func logLikelihoods(
        count: Int, shape: ImageShape, parallelism: Parallelism, fill: (_ index: Int, _ image: UnsafeMutablePointer<Float>) -> Void
    ) throws -> [Double] {
        let n = shape.count
        let capacity = max(1, min(count, Self.likelihoodBatch))
        let point = try makeLinearization(imageShape: shape, capacity: capacity, parallelism: parallelism)
        let values = AlignedBuffer<Float>(count: capacity * n)
        let logDeterminants = AlignedBuffer<Double>(count: capacity)
        var results: [Double] = []
        for first in stride(from: 0, to: count, by: capacity) {
            let batch = min(capacity, count - first)
            for image in 0 ..< batch { fill(first + image, values.base + image * n) }
            forward(values.base, count: batch, recording: point, into: values.base, logDeterminants: logDeterminants.base)
            for image in 0 ..< batch {
                let latent = UnsafeBufferPointer(start: values.base + image * n, count: n)
                let energy = latent.reduce(0) { $0 + Double($1) * Double($1) }
                results.append(-(energy / 2 - logDeterminants.base[image]) - Double(n) * log(2 * Double.pi) / 2)
            }
        }
        return results
    }

    /// Bits per dimension of each crop under the model: with n numbers in a crop, and noise of width 2^-b, b - log2 p(x) / n.
    ///
    /// - Throws: `GlowShapeError` when the sides of a crop are not multiples of `sizeMultiple`.
    package func bitsPerDimension(of crops: ValidationCrops, parallelism: Parallelism) throws -> [Double] {
        let n = crops.imageShape.count
        let densities = try crops.images.withUnsafeBufferPointer { images in
            try logLikelihoods(count: crops.count, shape: crops.imageShape, parallelism: parallelism) { index, values in
                for place in 0 ..< n { values[place] = images[index * n + place] }
            }
        }
        return densities.map { crops.dequantization.bitsPerDimension(logLikelihood: $0, dimensions: n) }
    }
}
