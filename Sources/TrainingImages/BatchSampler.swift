import KernelInterface

/// The batches of a training: random crops of the images of a folder, with noise.
///
/// What stands at place b of step s is a function of the images, the options, the seed and the number s * batch + b alone. So a
/// training that is resumed sees the batches that it would have seen, bit for bit, with any number of threads. Every image is
/// seen once in each epoch.
package struct BatchSampler: Sendable {
    /// How crops are drawn.
    package struct Options: Hashable, Sendable {
        /// Side of a crop in pixels.
        package var cropSize = 64
        /// Crops of a batch.
        package var batch = 32
        /// Whether half of the crops are mirrored left to right.
        package var flips = true
        /// A crop is shrunk by a factor from 1 to this.
        package var largestShrink = 1.0
        /// The part of the crops that are given fine colour, see `ChromaDetail`.
        package var chromaDetail = 0.0

        package init() {}

        static let cropBounds = 1 ... 4096
        static let batchBounds = 1 ... 4096
        static let shrinkBounds = 1.0 ... 64.0
        static let partBounds = 0.0 ... 1.0
    }

    package let corpus: ImageCorpus
    package let options: Options
    package let dequantization: Dequantization
    package let seed: UInt64

    private var order: EpochOrder

    /// - Throws: `TrainingOptionError` for an option out of bounds, or a crop larger than images of the corpus may be.
    package init(corpus: ImageCorpus, options: Options, dequantization: Dequantization, seed: UInt64) throws {
        try Self.require("crop", options.cropSize, in: Options.cropBounds)
        try Self.require("batch", options.batch, in: Options.batchBounds)
        try Self.require("largest shrink factor", options.largestShrink, in: Options.shrinkBounds)
        try Self.require("part of the crops with chroma detail", options.chromaDetail, in: Options.partBounds)
        guard options.cropSize <= corpus.smallestSide else {
            throw TrainingOptionError(crop: options.cropSize, corpus)
        }
        self.corpus = corpus
        self.options = options
        self.dequantization = dequantization
        self.seed = seed
        order = EpochOrder(seed: seed, count: corpus.count)
    }

    private static func require<Value>(_ name: String, _ value: Value, in bounds: ClosedRange<Value>) throws {
        guard bounds.contains(value) else {
            throw TrainingOptionError("the \(name) is \(value), but must be from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
    }

    /// The shape of one crop.
    package var imageShape: ImageShape { ImageShape(channels: 3, height: options.cropSize, width: options.cropSize) }

    /// Numbers in a batch: `batch` planar images after one another.
    package var batchCount: Int { options.batch * imageShape.count }

    /// How often every image has been seen after this many steps.
    package func epochs(afterSteps steps: Int) -> Double {
        Double(steps) * Double(options.batch) / Double(corpus.count)
    }

    /// The batch of a step, in the range of the model; steps count from 0.
    ///
    /// - Throws: `FileError` when an image that is not in memory can no longer be read.
    package mutating func batch(step: Int, parallelism: Parallelism) throws -> [Float] {
        let first = UInt64(bitPattern: Int64(step)) &* UInt64(options.batch)
        let places = (0 ..< options.batch).map { first &+ UInt64($0) }
        let images = places.map { order.image(at: $0) }
        let imageCount = imageShape.count
        var faults = [(any Error)?](repeating: nil, count: options.batch)
        let batch = [Float](unsafeUninitializedCapacity: batchCount) { values, count in
            values.initialize(repeating: 0)
            faults.withUnsafeMutableBufferPointer { faults in
                parallelism.forEach(places.count) { task, _ in
                    let room = UnsafeMutableBufferPointer(rebasing: values[task * imageCount ..< (task + 1) * imageCount])
                    do {
                        try fill(room, image: images[task], place: places[task])
                    } catch {
                        faults[task] = error
                    }
                }
            }
            count = batchCount
        }
        if let fault = faults.lazy.compactMap({ $0 }).first { throw fault }
        return batch
    }

    private func fill(_ values: UnsafeMutableBufferPointer<Float>, image index: Int, place: UInt64) throws {
        let image = try corpus.image(index)
        var generator = SeededGenerator(seed: seed, stream: .trainingCrop, index: place)
        let crop = Crop(
            size: options.cropSize, height: image.height, width: image.width, largestShrink: options.largestShrink,
            mayFlip: options.flips, &generator)
        var bytes = crop.bytes(of: image)
        if options.chromaDetail > 0, generator.nextUniform() < options.chromaDetail {
            bytes = ChromaDetail(&generator).applied(to: bytes, size: options.cropSize)
        }
        dequantization.apply(bytes, &generator, into: values)
    }
}
