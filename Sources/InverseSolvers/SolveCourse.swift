/// How a preconditioned solve goes that begins in the latent and goes on in the image.
///
/// The first steps in the latent go from one plausible image to another, which finds missing parts and fine detail that no measurement
/// holds; but what is measured converges slowly.
///
/// The objective has many minima of nearly the same value. The better images are at those that are reached with a latent that grows: that
/// begins small, and gets its fine levels last, as plain L-BFGS does it. Preconditioned by the mean curvature of each level, the objective
/// falls faster in the latent, and the image ends 0.1 to 0.2 dB lower.
package struct SolveCourse: Equatable {
    /// What the latent of the first image is multiplied with, which draws it towards 0.
    package var contraction: Float
    /// Evaluations in the latent, those of line searches included.
    package var latentEvaluations: Int
    /// Pairs of the inverse Hessian.
    package var memory: Int

    package init(contraction: Float, latentEvaluations: Int, memory: Int) {
        (self.contraction, self.latentEvaluations, self.memory) = (contraction, latentEvaluations, memory)
    }

    /// Of `MinimizerChoice.auto`, whatever is missing.
    ///
    /// Mean PSNR in dB and evaluations over 15 validation faces, for some contractions, evaluations and pairs:
    ///
    ///     course         superres by 2   60 % missing   hole of 20x20
    ///     0.5,   8, 10   30.71, 112      31.39, 108     31.80, 62
    ///     0.5,  40, 20   30.78, 124      31.54, 121     32.15, 84
    ///     0.25, 40, 20   30.77, 127      31.49, 131     32.40, 81
    ///     0.5,  60, 20                   31.53, 137     32.09, 102
    ///     0,   100, 20                   31.58, 178
    ///     0,   200, 20                   31.56, 270
    ///
    /// 40 were as much better than 8 at noise 0.03 and 0.1. Super-resolution by 4 and 8 and 90 % missing lose 0.3 dB with 8, and end
    /// 0.03 to 0.06 dB higher with 0.25 than with 0.5.
    package static let standard = SolveCourse(contraction: 0.25, latentEvaluations: 40, memory: 20)

    /// The same, but for a solve of at most so many evaluations, of which a third may be in the latent: an image that leaves the latent
    /// early is better than one that does not leave it.
    package func within(maximumEvaluations: Int) -> SolveCourse {
        SolveCourse(
            contraction: contraction, latentEvaluations: min(latentEvaluations, maximumEvaluations / 3), memory: memory)
    }
}
