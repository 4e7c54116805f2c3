import Files
import ForwardOperators
import KernelDispatch
import KernelInterface

/// An inverse problem as a user states it, for images of any size.
public enum Problem: Sendable {
    /// A = identity.
    case denoise
    /// A photograph that was blurred by nature has an unknown border: it is a window of a larger scene. A simulation may have another.
    case deblur(PointSpread, border: Border = .periodic)
    /// A = every `scale`-th pixel after `filter`. The mean over `scale` x `scale` pixels reads nothing outside of the image, so that it
    /// has no border.
    case superresolve(scale: Int, filter: SamplingFilter = .mean, border: Border = .unknown)
    /// Pixels are missing: A keeps the others.
    case inpaint(MissingPixels)
    /// A = Gaussian matrix with `measurements` rows; it says nothing of the image's size, so that is given too.
    case compressive(measurements: Int, image: ImageSize)
    /// A that the caller brings, for images of its `imageShape`; see `ForwardOperator` for what it promises. Pictures of another size, and
    /// windows of larger ones, it does not have.
    case linear(any ForwardOperator)

    /// Which pixels an inpainting problem lacks, all channels together.
    public enum MissingPixels: Sendable {
        /// This part of them, drawn from the seed.
        case random(Double)
        /// A square of this side in the centre.
        case hole(Int)
        /// The pixels where `keep` (height * width) is false.
        case mask(keep: [Bool], size: ImageSize)
    }

    /// Height and width in pixels.
    public struct ImageSize: Hashable, Sendable, CustomStringConvertible {
        /// Rows.
        public var height: Int
        /// Columns.
        public var width: Int

        /// Makes a size of so many rows and columns.
        public init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }

        /// The height and width of a shape.
        package init(_ shape: ImageShape) { self.init(height: shape.height, width: shape.width) }

        package var pixels: Int { height * width }

        public var description: String { "\(height)x\(width)" }
    }

    /// Returns A for images of this shape.
    ///
    /// - Parameters:
    ///   - imageShape: channels, height and width of x.
    ///   - seed: the seed of a random mask or matrix; the same seed gives the same A.
    ///   - threads: how many threads draw a random matrix; nil is what the machine and its cgroup offer.
    /// - Throws: `OperatorError` or `ProblemError` when the problem cannot be posed for this shape.
    public func forwardOperator(imageShape: ImageShape, seed: UInt64 = 0, threads: Int? = nil) throws -> any ForwardOperator {
        try forwardOperator(
            imageShape: imageShape, seed: seed, parallelism: Parallelism(threads: threads ?? ThreadCount.available()))
    }

    /// A for images of this shape; with an unknown border they are scenes, and the measurement is smaller by their surroundings.
    ///
    /// - Parameter seed: the seed of a random mask or matrix; the same seed gives the same A.
    /// - Throws: `OperatorError` or `ProblemError` when the problem cannot be posed for this shape.
    package func forwardOperator(
        imageShape: ImageShape, seed: UInt64, parallelism: Parallelism
    ) throws -> any ForwardOperator {
        switch self {
        case .denoise:
            return try Identity(imageShape: imageShape)
        case .deblur(let pointSpread, let border):
            return try Blur(imageShape: imageShape, pointSpread: pointSpread, border: border)
        case .superresolve(let scale, .mean, _):
            return try Downsampling(imageShape: imageShape, factor: scale)
        case .superresolve(let scale, let filter, let border):
            return try FilteredDownsampling(imageShape: imageShape, factor: scale, filter: filter, border: border)
        case .inpaint(.random(let missing)):
            return try Mask.random(imageShape, missing: missing, seed: seed)
        case .inpaint(.hole(let size)):
            return try Mask.hole(imageShape, size: size)
        case .inpaint(.mask(let keep, let size)):
            guard size.height == imageShape.height, size.width == imageShape.width else {
                throw ProblemError.maskSize(
                    mask: size, image: ImageSize(height: imageShape.height, width: imageShape.width))
            }
            return try Mask(imageShape: imageShape, keep: keep)
        case .compressive(let measurements, let size):
            guard size.height == imageShape.height, size.width == imageShape.width else {
                throw ProblemError.compressiveSize(
                    stated: size, image: ImageSize(height: imageShape.height, width: imageShape.width))
            }
            return try DenseMatrix.gaussian(
                imageShape: imageShape, measurements: measurements, seed: seed, parallelism: parallelism)
        case .linear(let forwardOperator):
            guard forwardOperator.imageShape == imageShape else {
                throw ProblemError.operatorShape(forwardOperator.imageShape, image: imageShape)
            }
            return forwardOperator
        }
    }

    /// The size of the image that is restored from a measurement of this size; see `Scene`.
    ///
    /// - Throws: `ProblemError` when that would be too large.
    public func imageSize(ofMeasurement size: ImageSize) throws(ProblemError) -> ImageSize {
        switch self {
        case .denoise, .deblur, .inpaint:
            return size
        case .superresolve(let scale, _, _):
            let (height, tooHigh) = size.height.multipliedReportingOverflow(by: scale)
            let (width, tooWide) = size.width.multipliedReportingOverflow(by: scale)
            guard scale >= 1, !tooHigh, !tooWide else { throw ProblemError.scale(scale, measurement: size) }
            return ImageSize(height: height, width: width)
        case .compressive(_, let size):
            return size
        case .linear(let forwardOperator):
            return ImageSize(height: forwardOperator.imageShape.height, width: forwardOperator.imageShape.width)
        }
    }
}

/// A problem that does not fit its image.
public enum ProblemError: ReglowError, Equatable {
    /// A mask of another size than the image.
    case maskSize(mask: Problem.ImageSize, image: Problem.ImageSize)
    /// A compressive problem that is stated for images of another size.
    case compressiveSize(stated: Problem.ImageSize, image: Problem.ImageSize)
    /// A factor by which this measurement cannot be enlarged.
    case scale(Int, measurement: Problem.ImageSize)
    /// An image that is too large with its surroundings.
    case sceneSize(Problem.ImageSize)
    /// A measurement with another count of numbers than the problem gives.
    case measurementCount(expected: Int, found: Int)
    /// A measurement with other channels than the prior has.
    case channels(expected: Int, found: Int)
    /// An operator for images of another shape.
    case operatorShape(ImageShape, image: ImageShape)
    /// An image to start at that has not the size of the restored image.
    case startSize(Problem.ImageSize, image: Problem.ImageSize)
    /// A problem that a prior of noisy images, of this name, does not solve.
    case noisyPrior(String)
    /// A prior of noisy images, of this name, which has no posterior of clean ones.
    case posteriorOfNoisyPrior(String)

    public var category: ReglowErrorCategory { .problem }

    public var description: String {
        switch self {
        case .maskSize(let mask, let image):
            "the mask is \(mask), but the image is \(image) (height x width)"
        case .compressiveSize(let stated, let image):
            "the compressive problem is stated for images of \(stated), but the image is \(image) (height x width)"
        case .scale(let scale, let measurement):
            "a measurement of \(measurement) cannot be enlarged by \(scale)"
        case .sceneSize(let image):
            "an image of \(image) with its surroundings is too large"
        case .measurementCount(let expected, let found):
            "the measurement has \(found) numbers, but the problem gives \(expected)"
        case .channels(let expected, let found):
            "the measurement has \(found) channels, but the prior is for \(expected)"
        case .operatorShape(let shape, let image):
            "the operator is for images of \(shape), but the image is \(image) (channels x height x width)"
        case .startSize(let start, let image):
            "the image to start at is \(start), but the restored image is \(image) (height x width)"
        case .noisyPrior(let name):
            "the prior \(name) is the density of noisy images, whose restorations are no minima: the solver auto, no full map, no random start and no search "
                + "for lambda; take another prior, such as \(ShippedFiles.photographPrior)"
        case .posteriorOfNoisyPrior(let name):
            "the prior \(name) is the density of noisy images: it gives the mean of the clean one, but no draws of it; take another prior, such as "
                + ShippedFiles.photographPrior
        }
    }
}
