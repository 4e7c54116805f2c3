/// The result for one problem: the evaluated point of least objective, and how it was found.
///
/// Where lambda was searched for, it is that of the last solve that is neither coarse nor diverged, or of the first. Evaluations, passes,
/// seconds and trace are then those of all solves of the search; the objective of the trace is that of each solve's own lambda.
public struct Restoration: Sendable {
    /// x, in the range of the model (pixel values minus 0.5), not clipped. Always finite.
    public var image: [Float]
    /// z = f(x). Finite, but for a start at which only the flow's latent was not. Of a prior that is the density of noisy images it is that of the noisy image
    /// which its last mean was taken of, at the scale that the prior saw it.
    public var latent: [Float]

    /// lambda: of a search, the first of the path where it was found right, otherwise the last that was solved for to the end.
    public var regularizationWeight: Double
    /// The solves on the way to lambda; empty where it was not searched for.
    public var regularizationPath: [RegularizationStep] = []
    /// Whether the criterion of the search holds at this lambda, nearly; true where there was none. Otherwise the search ended before, because a
    /// solve diverged, or no lambda in reach fulfils it.
    public var isRegularizationSettled = true

    /// E at `image`, the sum of the next two.
    public var objective: Double
    /// 1/2 |A x - y|^2.
    public var dataFidelity: Double
    /// lambda/2 |z|^2, with the log-determinant where it counts.
    public var prior: Double

    /// Evaluations of value and gradient that were used.
    public var evaluations: Int
    /// How many of `evaluations`, the first ones, had their gradient from the gradient flow; nil where there is none.
    public var gradientPrecisionEvaluations: Int?
    /// Passes of the flow: two for an evaluation, one where the start was given on the other side of it, and those that made the
    /// stationary prior of `MinimizerChoice.auto`, which each of the images that share it counts.
    public var passes: Int
    /// Wall time from when the image entered the batch until it stopped.
    public var seconds: Double

    /// Why the solve ended.
    public var stop: StopReason
    /// What was seen, and at which evaluation, where the solver ended early.
    public var diagnosis: String?
    /// The accepted iterates.
    public var trace: Trace
    /// The largest |g(f(x)) - x| of the numbers of the image: what the rounding of both maps amounts to. Nil where it was not looked at, as where
    /// `uprightness` is known and no number of the latent is above 20. `passes` does not count the pass that it takes.
    public var roundTripError: Double?
    /// How much likelier the image is as it stands than upside down, in nats, both made unsharp; nil where it was not looked at, as for priors of pictures that
    /// are not all upright. `passes` does not count the two passes that it takes.
    public var uprightness: Double?
}

/// An accepted iterate, as it happens.
package struct SolverProgress {
    /// The `id` of the problem.
    package let problem: Int
    package let entry: Trace.Entry
    /// x of this iterate. Keep no copy of the slice beyond the call without making an array of it.
    package let image: ArraySlice<Float>
}
