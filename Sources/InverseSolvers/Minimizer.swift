/// A minimizer of one smooth function, by reverse communication: it says where it wants value and gradient, and whoever owns
/// it evaluates them. So many minimizers can share one batched evaluation, and none knows of the others.
///
///     the first `trial` is the start
///     loop: evaluate E at `trial`; `advance(value:gradient:)` judges it and sets the next `trial`
package protocol Minimizer: AnyObject {
    /// The point at which value and gradient are wanted next.
    var trial: Vector { get }

    /// Takes E and its gradient at `trial`. A value that is not finite says that the function cannot be evaluated
    /// there; then the gradient is not looked at. The value at the start must be finite.
    func advance(value: Double, gradient: Vector) -> MinimizerStep

    /// Goes back to the last iterate, for a better gradient: it is the next `trial`, to be evaluated anew and taken as the start
    /// was. An inverse Hessian or moments are kept.
    func restart()

    /// What it is now, all its vectors included.
    var state: SolveState { get }

    /// Becomes what `state` was; it was made with the same arguments as the one that was saved, but for the start.
    ///
    /// - Throws: `SolveStateError`.
    func resume(_ state: SolveState) throws(SolveStateError)
}

/// What a minimizer made of an evaluation.
package enum MinimizerStep: Equatable {
    /// The point was a probe of a search that goes on.
    case probed
    /// The point is the new iterate, reached with this step.
    case accepted(step: Double)
    /// The minimizer can do no more; its last iterate stands.
    case stopped(Stop)
}

/// Lengths of steps along a direction d, for the line searches.
enum StepLength {
    /// The largest movement of a first step, as the root mean square over the coordinates: 0.1 is a tenth of the
    /// range of a pixel, and a tenth of the standard deviation of a latent.
    private static let firstMove = 0.1

    /// A first step along -gradient, where nothing is known about the curvature.
    ///
    /// For a convex quadratic function with minimum 0 the best step is at most 2 E / |gradient|^2.
    static func first(value: Double, gradient: Vector) -> Double {
        let norm = gradient.norm
        let move = firstMove * Double(gradient.count).squareRoot() / norm
        let bound = 2 * abs(value) / (norm * norm)
        return bound > 0 ? min(bound, move) : move
    }

    /// The step below which x + step * d may be x itself in single precision.
    static func least(from x: Vector, along direction: Vector) -> Double {
        let ulp = 0x1p-23
        return ulp * x.maximumMagnitude / direction.maximumMagnitude
    }
}
