/// What the data say of lambda, for a solution x with z = f(x), r = A x - y over the M measured numbers, and
///
///     S = |r|^2 + lambda |z|^2 = 2 E(x)        without log-determinant
package enum RegularizationCriterion: Sendable, Hashable {
    /// S = M variance, for noise of this variance, above 0: the discrepancy principle that counts what the prior takes, as far as it
    /// can be trusted.
    ///
    /// In a linear model with z ~ N(0, I) and lambda = sigma^2, S / lambda at the minimum of E is a chi-squared number of M degrees of
    /// freedom (Mead, "Parameter estimation: a new approach to weighting a priori information", 2008): |r|^2 / sigma^2 has those that
    /// the prior left, |z|^2 stands for the others. Morozov's |r|^2 = M sigma^2 gives none to the prior, so that its lambda is too
    /// large. docs/measurements.md says by how much, and how the deviations below were chosen.
    ///
    /// A flow is not linear, and where the prior takes little of S, an error of some percent in it moves lambda by a multiple. So lambda
    /// is the most probable one, for log(lambda / sigma^2) and log(S / (M sigma^2)) both normal with mean 0:
    ///
    ///     log(lambda / sigma^2)^2 / scaleDeviation^2 + log(S / (M sigma^2))^2 / (statisticDeviation^2 + 2 / M + relativeError^2)
    ///
    /// is the least. Denoising at weak noise so has S = M sigma^2 nearly; deblurring at strong noise keeps sigma^2.
    ///
    /// - Parameter relativeError: the standard deviation of an estimated variance, over the variance.
    case discrepancy(variance: Double, relativeError: Double = 0)
    /// Works as the discrepancy, for the sigma^2 = |r|^2 / (M - |z|^2) of the lambda whose residual is the whitest: that residual is taken for
    /// the noise. It asks for no sigma.
    ///
    /// The whitest residual belongs to a lambda that is too large, for the same reason, but its variance changes little with lambda. At
    /// most half of the M degrees of freedom are taken for lost; the more are, the less exact is this sigma^2.
    ///
    /// - Parameter relativeError: that of the first lambda as a second estimate of sigma^2; infinite where it is a guess.
    case whiteness(relativeError: Double = .infinity)

    /// The deviation of log(lambda / sigma^2) at the lambda of the best PSNR.
    package static let scaleDeviation = 0.5
    /// The deviation of log(S / (M sigma^2)) there, as far as it is not chance.
    package static let statisticDeviation = 0.1
}

/// A solve on the way to lambda.
public struct RegularizationStep: Sendable, Equatable {
    /// lambda
    public var regularizationWeight: Double
    /// 1/2 |A x - y|^2 and lambda/2 |z|^2 of the solution, as in `Restoration`.
    public var dataFidelity: Double
    /// lambda/2 |z|^2 of the solution.
    public var prior: Double
    /// What the criterion looks at: S / (M sigma^2), which it brings to 1; for whiteness W of the residual, 1 in the mean for white
    /// noise.
    public var measure: Double
    /// The evaluations of the solve.
    public var evaluations: Int
}
