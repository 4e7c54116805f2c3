import CReglow
import GlowModel
import KernelInterface
import Reglow
import TrainingImages

@c @implementation
public func reglow_sample(
    _ model: OpaquePointer?, _ height: Int, _ width: Int, _ count: Int, _ temperature: Double, _ seed: UInt64, _ threads: Int,
    _ images: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let (model, images): (ModelObject, _) = (try object(model), try given(images, "images"))
        try requireNumber(temperature, "temperature", 0 ... 1e6)
        let batch = try Batch(model, height, width, count, threads)
        try model.glow.forEachSample(
            count: count, size: Problem.ImageSize(batch.shape), temperature: temperature, seed: seed, parallelism: batch.parallelism
        ) { index, pixels in
            pixels.withUnsafeBufferPointer { pixels in
                guard let source = pixels.baseAddress else { return }
                (images + index * pixels.count).update(from: source, count: pixels.count)
            }
        }
    }
}

@c @implementation
public func reglow_log_likelihood(
    _ model: OpaquePointer?, _ images: UnsafePointer<Float>?, _ count: Int, _ height: Int, _ width: Int, _ threads: Int,
    _ log_likelihoods: UnsafeMutablePointer<Double>?
) -> reglow_status {
    answer {
        let (model, images): (ModelObject, _) = (try object(model), try given(images, "images"))
        let place = try given(log_likelihoods, "log_likelihoods")
        let batch = try Batch(model, height, width, count, threads)
        let (n, shift) = (batch.shape.count, model.glow.architecture.pixelShift)
        let results = try model.glow.logLikelihoods(count: count, shape: batch.shape, parallelism: batch.parallelism) { index, values in
            for place in 0 ..< n { values[place] = images[index * n + place] + shift }
        }
        place.update(from: results, count: count)
    }
}

@c @implementation
public func reglow_bits_per_dimension(
    _ model: OpaquePointer?, _ images: UnsafePointer<Float>?, _ count: Int, _ height: Int, _ width: Int, _ noise_bits: Int, _ seed: UInt64,
    _ threads: Int, _ bits: UnsafeMutablePointer<Double>?
) -> reglow_status {
    answer {
        let (model, images): (ModelObject, _) = (try object(model), try given(images, "images"))
        let place = try given(bits, "bits")
        try requireCount(noise_bits, "noise_bits", Dequantization.bitBounds)
        let batch = try Batch(model, height, width, count, threads)
        let noise = try Dequantization(bits: noise_bits, pixelShift: model.glow.architecture.pixelShift)
        let n = batch.shape.count
        let results = try model.glow.logLikelihoods(count: count, shape: batch.shape, parallelism: batch.parallelism) { index, values in
            noise.apply(UnsafeBufferPointer(start: images + index * n, count: n), seed: seed, index: index, into: values)
        }
        place.update(from: results.map { noise.bitsPerDimension(logLikelihood: $0, dimensions: n) }, count: count)
    }
}

/// Images of a size that a model takes, for which there is memory.
private struct Batch {
    let shape: ImageShape
    let parallelism: Parallelism

    init(_ model: ModelObject, _ height: Int, _ width: Int, _ count: Int, _ threads: Int) throws {
        let threads = try threadCount(threads)
        let bytes = try PointObject.bytes(model, height: height, width: width, capacity: 1, threads: threads)
        shape = try givenShape(
            reglow_shape(channels: model.glow.imageChannels, height: height, width: width), "the images", count: count)
        // As many as are evaluated at once.
        try requireMemory(min(count, Glow.likelihoodBatch) * bytes)
        parallelism = Parallelism(threads: threads)
    }
}
