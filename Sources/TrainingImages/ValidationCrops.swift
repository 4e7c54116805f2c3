import KernelInterface

/// Crops to measure a model on, always the same: in the range of the model, with noise that the seed fixes.
///
/// Each image is laid out with crops side by side, as many as fit, the layout in its centre; an image of less than two crops a
/// side gives its centre crop. When that is more than `limit` crops in all, `limit` of them are taken at even distances in the
/// order of images, rows and columns. Nothing is shrunk or flipped.
package struct ValidationCrops: Sendable {
    /// `count` planar images after one another.
    package let images: [Float]
    package let imageShape: ImageShape
    package let count: Int
    /// How the images became floats.
    package let dequantization: Dequantization

    /// - Throws: `TrainingOptionError` when the crop is larger than images of the corpus may be or the limit is below 1;
    ///   `FileError` when an image can no longer be read.
    package init(corpus: ImageCorpus, cropSize: Int, limit: Int, dequantization: Dequantization, seed: UInt64) throws {
        guard (1 ... corpus.smallestSide).contains(cropSize) else {
            throw TrainingOptionError(crop: cropSize, corpus)
        }
        guard limit >= 1 else { throw TrainingOptionError("at most \(limit) crops are taken, but one is needed") }
        let shape = ImageShape(channels: 3, height: cropSize, width: cropSize)
        let layout = (0 ..< corpus.count).flatMap { image in
            let (height, width) = corpus.size(of: image)
            return Self.corners(length: height, cropSize).flatMap { top in
                Self.corners(length: width, cropSize).map { left in (image: image, top: top, left: left) }
            }
        }
        let taken = layout.count <= limit ? layout : (0 ..< limit).map { layout[$0 * layout.count / limit] }

        var values = [Float](repeating: 0, count: taken.count * shape.count)
        try values.withUnsafeMutableBufferPointer { values in
            for (index, place) in taken.enumerated() {
                var generator = SeededGenerator(seed: seed, stream: .validationNoise, index: UInt64(index))
                let crop = Crop(size: cropSize, top: Double(place.top), left: Double(place.left))
                let room = UnsafeMutableBufferPointer(rebasing: values[index * shape.count ..< (index + 1) * shape.count])
                dequantization.apply(crop.bytes(of: try corpus.image(place.image)), &generator, into: room)
            }
        }
        images = values
        imageShape = shape
        count = taken.count
        self.dequantization = dequantization
    }

    /// Returns where crops begin along an axis.
    private static func corners(length: Int, _ size: Int) -> [Int] {
        let fit = length / size
        return (0 ..< fit).map { (length - fit * size) / 2 + $0 * size }
    }
}
