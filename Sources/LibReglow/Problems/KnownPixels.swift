import KernelInterface
import Reglow

/// The pixels that an inpainting problem of the caller's own mask has.
struct KnownPixels: Sendable {
    /// Of each pixel, or of each number of an image.
    let entries: [Bool]
    let shape: ImageShape

    /// The entries for a measurement of this shape: of its pixels, or of its numbers.
    ///
    /// - Throws: `ProblemError.maskSize` for one of another size, a `Fault` for one of other channels.
    func entries(of measurement: ImageShape) throws -> [Bool] {
        guard measurement.height == shape.height, measurement.width == shape.width else {
            throw ProblemError.maskSize(mask: Problem.ImageSize(shape), image: Problem.ImageSize(measurement))
        }
        if shape.channels == 1 || shape.channels == measurement.channels { return entries }
        try require(
            measurement.channels == 1, "the mask has \(shape.channels) channels, but the measurement \(measurement.channels)")
        return measurement.knownInAllChannels(entries)
    }
}
