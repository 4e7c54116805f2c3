import Files
import KernelInterface

/// What can be wrong with the arguments of a solver. Problems are counted from 0: they are the measurements of the call.
public enum SolverError: ReglowError, Equatable {
    /// An option that is out of its range.
    case option(name: String, found: String, required: String)
    /// An image without pixels.
    case emptyImage(ImageShape)
    /// An operator for images of another shape than that of the first problem.
    case imageShape(problem: Int, expected: ImageShape, found: ImageShape)
    /// An array that does not have the count of its shape.
    case length(problem: Int, of: String, expected: Int, found: Int)
    /// A number that is infinite or none.
    case notFinite(problem: Int, what: String, position: Int)
    /// A lambda that is negative or not finite.
    case regularizationWeight(problem: Int, found: Double)
    /// A start whose objective is not finite.
    case startNotFinite(problem: Int)
    /// Two flows that do not share the points that they record.
    case gradientPrecisionFlow

    public var category: ReglowErrorCategory {
        switch self {
        case .option(let name, _, _): .option(name: name)
        case .imageShape(let problem, _, _), .length(let problem, _, _, _), .notFinite(let problem, _, _),
            .regularizationWeight(let problem, _), .startNotFinite(let problem):
            .measurement(index: problem)
        case .emptyImage, .gradientPrecisionFlow: .problem
        }
    }

    public var description: String {
        switch self {
        case .option(let name, let found, let required):
            "solver option \(name) is \(found), but must be \(required)"
        case .emptyImage(let shape):
            "an image of shape \(shape) has no pixels"
        case .imageShape(let problem, let expected, let found):
            "problem \(problem): its images have shape \(found), but the other problems of the call have \(expected)"
        case .length(let problem, let name, let expected, let found):
            "problem \(problem): the \(name) has \(found) numbers, but \(expected) are needed"
        case .notFinite(let problem, let what, let position):
            "problem \(problem): the \(what) is not a finite number at index \(position)"
        case .regularizationWeight(let problem, let found):
            "problem \(problem): the regularization weight is \(found), but must be a finite number that is not negative"
        case .startNotFinite(let problem):
            "problem \(problem): the image at the starting point is not finite, so there is nothing to return"
        case .gradientPrecisionFlow:
            "the flow for the gradients is not the prior in another precision: its architecture or its kernels differ"
        }
    }
}
