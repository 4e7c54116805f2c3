import GlowModel
import KernelInterface

extension LikelihoodGradient {
    /// Bytes that batches of this shape take, about.
    package static func bytes(
        architecture: GlowArchitecture, imageShape: ImageShape, images: Int, precision: Precision, recomputation: Recomputation
    ) -> Double {
        (0 ..< architecture.levels).reduce(0.0) { sum, level in
            let pixels = Double(imageShape.height >> (level + 1)) * Double(imageShape.width >> (level + 1)) * Double(images)
            return sum
                + TrainingLevel.bytes(
                    shape: architecture.stepShape(level: level), steps: architecture.steps[level], pixels: pixels,
                    precision: precision, isAffine: architecture.coupling == .affine, recomputation: recomputation)
        }
    }

    /// `stored` where it fits into `budget` bytes, `inverted` otherwise.
    package static func recomputation(
        within budget: Int, architecture: GlowArchitecture, imageShape: ImageShape, images: Int, precision: Precision
    ) -> Recomputation {
        let stored = bytes(
            architecture: architecture, imageShape: imageShape, images: images, precision: precision, recomputation: .stored)
        return stored <= Double(budget) ? .stored : .inverted
    }

    static func requireShape(_ architecture: GlowArchitecture, _ shape: ImageShape, _ images: Int) throws {
        guard shape.channels == architecture.imageChannels, architecture.isValid(height: shape.height, width: shape.width) else {
            throw TrainingError(
                "images of shape \(shape): the model takes \(architecture.imageChannels) channels, and height and width that are "
                    + "multiples of \(architecture.sizeMultiple)")
        }
        guard images > 0 else { throw TrainingError("a batch of \(images) images") }
        let (pixels, overflow) = shape.height.multipliedReportingOverflow(by: shape.width)
        let (total, totalOverflow) = pixels.multipliedReportingOverflow(by: images)
        guard !overflow, !totalOverflow, total <= Glow.mostPixels else {
            throw TrainingError("\(images) images of shape \(shape) are more than \(Glow.mostPixels) pixels")
        }
    }
}
