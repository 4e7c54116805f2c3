/// What the data say of lambda, for a solution x with z = f(x), r = A x - y over the M measured numbers, and
///
///     S = |r|^2 + lambda |z|^2 = 2 E(x)        without log-determinant
public enum WeightCriterion: Sendable, Hashable {
    /// S = M variance, for noise of this variance, above 0: the discrepancy principle that counts what the prior takes.
    ///
    /// In a linear model with z ~ N(0, I) and lambda = sigma^2, S / lambda at the minimum of E is a chi-squared number of M degrees of
    /// freedom (Mead, "Parameter estimation: a new approach to weighting a priori information", 2008): |r|^2 / sigma^2 has those that
    /// the prior left, |z|^2 stands for the others. Morozov's |r|^2 = M sigma^2 gives none to the prior, so that its lambda is too
    /// large: with the shipped prior by a factor of 2 to 8, for a loss of 0.2 to 1.5 dB.
    case discrepancy(variance: Double)
    /// lambda = |r|^2 / (M - |z|^2) at the lambda whose residual is the whitest: that residual is taken for the noise, and its variance
    /// for sigma^2. It asks for no sigma.
    ///
    /// The whitest residual belongs to a lambda that is too large, for the same reason, but its variance changes little with lambda. At
    /// most half of the M degrees of freedom are taken for lost.
    case whiteness
}

/// A solve on the way to lambda.
public struct WeightStep: Sendable, Equatable {
    /// lambda
    public var weight: Double
    /// 1/2 |A x - y|^2 and lambda/2 |z|^2 of the solution, as in `Restoration`.
    public var dataFidelity: Double
    public var prior: Double
    /// What the criterion looks at: S / (M sigma^2), which it brings to 1; for whiteness W of the residual, 1 in the mean for white
    /// noise.
    public var measure: Double
    public var evaluations: Int
}

/// The result for a problem whose lambda was searched for.
public struct WeightedRestoration: Sendable {
    /// The solution at the last lambda of the path. Evaluations, passes, seconds and trace are those of all its solves; the
    /// objective of the trace is that of each solve's own lambda.
    public var restoration: Restoration
    /// lambda, that of the last solve.
    public var weight: Double
    public var path: [WeightStep]
    /// Whether the criterion holds at the last lambda, nearly. Otherwise the search ended before, because a solve diverged, or no lambda
    /// in reach fulfils it.
    public var isSettled: Bool

    public init(restoration: Restoration, weight: Double, path: [WeightStep], isSettled: Bool) {
        self.restoration = restoration
        self.weight = weight
        self.path = path
        self.isSettled = isSettled
    }
}
