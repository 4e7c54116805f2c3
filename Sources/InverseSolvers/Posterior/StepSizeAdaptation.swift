import Glibc

/// The step size of a chain, learnt while it burns in: dual averaging of the acceptance (M. D. Hoffman and A. Gelman, "The No-U-Turn Sampler",
/// 2014, section 3.2).
///
/// It moves the logarithm of the step so that the mean acceptance becomes `target`. Afterwards the step stays at the weighted mean of those tried.
package struct StepSizeAdaptation {
    /// The mean acceptance that is aimed at.
    package static let target = 0.7
    private static let (shrinkage, delay, decay) = (0.05, 10.0, 0.75)
    /// How far from the first step it goes, in the logarithm.
    private static let reach = 10.0

    private var count = 0.0
    /// The weighted mean of target - acceptance.
    private var lack = 0.0
    /// The logarithm of the step with which it begins, and to which it is drawn back while little is known.
    private let first: Double
    private var logarithm, meanLogarithm: Double
    private var isDone = false

    /// - Parameter dimension: numbers of an image: the step for shipped priors falls with about its third root.
    package init(dimension: Int) {
        first = log(0.9 * pow(Double(max(1, dimension)), -0.31))
        (logarithm, meanLogarithm) = (first, first)
    }

    /// The step that the next trajectory takes.
    package var stepSize: Double { exp(isDone ? meanLogarithm : logarithm) }

    /// Takes the probability with which a trajectory was accepted, from 0 to 1.
    package mutating func learn(acceptance: Double) {
        guard !isDone else { return }
        count += 1
        lack += (Self.target - acceptance - lack) / (count + Self.delay)
        let wanted = first - count.squareRoot() / Self.shrinkage * lack
        logarithm = min(max(wanted, first - Self.reach), first + Self.reach)
        meanLogarithm += pow(count, -Self.decay) * (logarithm - meanLogarithm)
    }

    /// Keeps the step from now on.
    package mutating func finish() { isDone = true }
}
