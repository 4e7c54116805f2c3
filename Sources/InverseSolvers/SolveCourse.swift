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
    /// Pairs of the inverse Hessian in the latent, where it has no preconditioner.
    package var latentMemory: Int
    /// Pairs in the image.
    package var imageMemory: Int
    /// The least tolerance of progress, where the options name none.
    package var leastTolerance: Double

    package init(contraction: Float, latentEvaluations: Int, latentMemory: Int, imageMemory: Int, leastTolerance: Double = 0) {
        (self.contraction, self.latentEvaluations) = (contraction, latentEvaluations)
        (self.latentMemory, self.imageMemory, self.leastTolerance) = (latentMemory, imageMemory, leastTolerance)
    }

    /// Pairs of a solve in this unknown.
    func memory(_ formulation: Formulation) -> Int { formulation == .synthesis ? latentMemory : imageMemory }

    /// Of `MinimizerChoice.auto`, whatever is missing.
    ///
    /// Mean PSNR in dB and evaluations over 15 validation faces, for some contractions, evaluations and pairs in the latent, each solve until
    /// ten steps lower the objective by less than 0.03 %:
    ///
    ///     course         superres by 2   by 4         60 % missing   hole of 20x20
    ///     0.25, 40, 20   30.78, 118      24.63, 256   31.52, 115     32.43,  80
    ///     0.4,  40, 20   30.77, 122                   31.54, 110     32.22,  81
    ///     0.25, 60, 20   30.74, 141      24.64, 272   31.53, 131     32.47,  99
    ///     0.25, 60, 40   30.79, 143      24.66, 262   31.57, 129     32.52,  98
    ///     0.25, 80, 40                   24.65, 286   31.57, 149
    ///
    /// With 60 and 40 the image is as good after 80 evaluations as with 40 and 20, but for super-resolution by 2. 8 evaluations lose up to
    /// 0.3 dB. In the image more than 20 pairs change nothing.
    package static let standard = SolveCourse(contraction: 0.25, latentEvaluations: 60, latentMemory: 40, imageMemory: 20)

    /// Of `MinimizerChoice.auto` for a window of a scene, all of which is measured but its surroundings: fewer evaluations in the latent, since
    /// the first step in the image finds most of the window, and an earlier end, since the last steps find nothing but surroundings that
    /// nobody will see. `docs/borders.md` has the measurements.
    package static let window = SolveCourse(
        contraction: 0.25, latentEvaluations: 30, latentMemory: 40, imageMemory: 20, leastTolerance: 2e-3)

    /// The same, but for a solve of at most so many evaluations, of which a third may be in the latent: an image that leaves the latent
    /// early is better than one that does not leave it.
    package func within(maximumEvaluations: Int) -> SolveCourse {
        var course = self
        course.latentEvaluations = min(latentEvaluations, maximumEvaluations / 3)
        return course
    }
}
