import Files

/// What can be wrong with a search for lambda. Problems have the `id` that their caller gave them.
package enum RegularizationError: ReglowError, Equatable {
    case firstWeight(problem: Int, found: Double)
    case variance(problem: Int, found: Double)
    case relativeError(problem: Int, found: Double)
    case noNeighbours(problem: Int)

    package var category: ReglowErrorCategory { .problem }

    package var description: String {
        switch self {
        case .firstWeight(let problem, let found):
            "problem \(problem): the regularization weight to begin at is \(found), but must be a finite number above 0"
        case .variance(let problem, let found):
            "problem \(problem): the variance of the noise is \(found), but must be a finite number above 0"
        case .relativeError(let problem, let found):
            "problem \(problem): the relative error of the variance is \(found), but must be at least 0 and, where the variance is given, finite"
        case .noNeighbours(let problem):
            "problem \(problem): the whiteness of a residual needs a measurement with neighbouring pixels in two rows, such as an image"
        }
    }
}
