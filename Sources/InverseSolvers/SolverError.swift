import Files
import KernelInterface

/// What can be wrong with the arguments of `Solver.restore`. Problems are counted from 0.
public enum SolverError: ReglowError, Equatable {
    case option(name: String, found: String, required: String)
    case emptyImage(ImageShape)
    case imageShape(problem: Int, expected: ImageShape, found: ImageShape)
    case length(problem: Int, of: String, expected: Int, found: Int)
    case notFinite(problem: Int, what: String, position: Int)
    case regularizationWeight(problem: Int, found: Double)
    case startNotFinite(problem: Int)
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
