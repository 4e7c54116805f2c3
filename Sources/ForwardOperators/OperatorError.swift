import Files
import KernelInterface

/// Why an operator cannot be made, or cannot take an array.
public enum OperatorError: ReglowError, Equatable {
    /// A side below 1, or more than 2^31 - 1 numbers.
    case unusableShape(ImageShape)

    /// An array of another length than the shape says.
    case wrongCount(of: String, expected: Int, actual: Int)

    /// A parameter outside of what is allowed.
    case outOfRange(parameter: String, value: String, allowed: String)

    /// NaN or infinity among the numbers of `what`.
    case notFinite(what: String)

    /// The inner operator's measurement is not the outer one's image.
    case shapesDoNotCompose(innerMeasurement: ImageShape, outerImage: ImageShape)

    /// A point spread with more rows or columns than the image.
    case pointSpreadExceedsImage(height: Int, width: Int, image: ImageShape)

    /// A sampling filter that is longer than a side of the image, of which nothing is known beyond its edge.
    case filterExceedsImage(extent: Int, image: ImageShape)

    /// A downsampling factor that does not divide height and width.
    case factorDoesNotDivide(Int, image: ImageShape)

    /// The numbers of a point spread that is to be normalized add up to 0, or nearly.
    case pointSpreadSumsToZero

    /// The numbers of a point spread add up to less than 0.
    case pointSpreadSumsToLess(Double)

    /// A mask that keeps no pixel.
    case maskKeepsNothing

    /// The Fourier transform of this size could not be planned.
    case noFourierPlan(height: Int, width: Int)

    public var category: ReglowErrorCategory { .problem }

    public var description: String {
        switch self {
        case .unusableShape(let shape):
            "shape \(shape): channels, height and width must be at least 1, and at most \(Int32.max) numbers in all"
        case .wrongCount(let what, let expected, let actual):
            "the \(what) has \(actual) numbers, but \(expected) are needed"
        case .outOfRange(let parameter, let value, let allowed):
            "\(parameter) is \(value), but must be \(allowed)"
        case .notFinite(let what):
            "the \(what) contains NaN or infinity"
        case .shapesDoNotCompose(let innerMeasurement, let outerImage):
            "the inner operator gives \(innerMeasurement), but the outer operator takes \(outerImage)"
        case .pointSpreadExceedsImage(let height, let width, let image):
            "the point spread of \(height)x\(width) is larger than the image of \(image.height)x\(image.width)"
        case .filterExceedsImage(let extent, let image):
            "the filter reads \(extent)x\(extent) pixels, more than the image of \(image.height)x\(image.width) has"
        case .factorDoesNotDivide(let factor, let image):
            "the downsampling factor \(factor) does not divide the image's height \(image.height) and width \(image.width)"
        case .pointSpreadSumsToZero:
            "the point spread adds up to zero and cannot be normalized"
        case .pointSpreadSumsToLess(let sum):
            "the point spread adds up to \(sum), less than zero: it would turn an image into its negative"
        case .maskKeepsNothing:
            "the mask keeps no pixel"
        case .noFourierPlan(let height, let width):
            "FFTW has no plan for a transform of \(height)x\(width)"
        }
    }

    static func requireCount(_ actual: Int, _ expected: Int, of what: String) throws(OperatorError) {
        if actual != expected { throw OperatorError.wrongCount(of: what, expected: expected, actual: actual) }
    }

    static func requireFinite(_ numbers: [Float], _ what: String) throws(OperatorError) {
        if !numbers.allSatisfy(\.isFinite) { throw OperatorError.notFinite(what: what) }
    }
}

extension ImageShape {
    /// The shape itself, when operators can take it: then `count` fits in an `Int32`.
    ///
    /// - Throws: `OperatorError.unusableShape`.
    func requireUsable() throws(OperatorError) -> ImageShape {
        let (plane, planeOverflows) = height.multipliedReportingOverflow(by: width)
        let (count, countOverflows) = plane.multipliedReportingOverflow(by: channels)
        guard channels >= 1, height >= 1, width >= 1, !planeOverflows, !countOverflows, count <= Int32.max else {
            throw OperatorError.unusableShape(self)
        }
        return self
    }
}
