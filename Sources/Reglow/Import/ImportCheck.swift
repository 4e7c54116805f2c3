import CheckpointImport
import Glibc
import GlowModel
import KernelDispatch
import KernelInterface

/// Bits per dimension of images by the folded checkpoint in double precision and by the model file in the engine.
public struct ImportCheck: Sendable, Hashable {
    /// How many images were compared.
    public let images: Int
    /// The mean over the images, in double precision with plain loops.
    public let bitsBefore: Double
    /// The mean over the images, by the engine in fp32.
    public let bitsAfter: Double
    /// The largest difference of one image.
    public let largestDifference: Double

    /// The most images that are compared: the plain loops take seconds for each image of a large model.
    public static let mostImages = 2
}

extension ImportedGlow {
    /// Compares the model before and after it was written.
    ///
    /// - Parameters:
    ///   - path: the model file that `write` has written.
    ///   - images: images of a size that the model takes; the first `ImportCheck.mostImages` are taken.
    ///   - threads: how many threads work at once; nil is what the machine and its cgroup offer.
    /// - Throws: `ModelFileError` for a file that is no model, `FileError` where no image fits.
    public func check(_ path: String, images: ImportProbe, threads: Int? = nil) throws -> ImportCheck {
        let few = ImportProbe(images: Array(images.images.prefix(ImportCheck.mostImages)), noiseLevels: images.noiseLevels)
        let probe = try PreparedProbe(few, architecture, size: model.imageSize, bits: noiseLevels, path: self.path)
        let before: [Double] = probe.groups.flatMap { group in
            group.images.map { image -> Double in
                let (latent, logDeterminant) = model.forward(
                    image.map(Double.init), height: group.shape.height, width: group.shape.width)
                let likelihood =
                    logDeterminant - latent.reduce(0) { $0 + $1 * $1 } / 2 - Double(latent.count) / 2 * log(2 * Double.pi)
                return probe.bits(logLikelihood: likelihood, count: latent.count)
            }
        }
        let after = try ProbeScore.scores(
            Glow(path: path), probe, parallelism: Parallelism(threads: threads ?? ThreadCount.available())
        ).map(\.bits)
        let count = Double(before.count)
        return ImportCheck(
            images: before.count, bitsBefore: before.reduce(0, +) / count, bitsAfter: after.reduce(0, +) / count,
            largestDifference: zip(before, after).map { abs($0 - $1) }.max() ?? 0)
    }
}
