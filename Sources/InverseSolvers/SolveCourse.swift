/// How a preconditioned solve goes that begins in the latent and goes on in the image.
///
/// The first steps in the latent go from one plausible image to another, which finds large missing parts and fine detail that no
/// measurement holds; but what is measured converges slowly.
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

    /// The course where `measured` numbers of `imageCount` are measured.
    ///
    /// Over validation faces 8 evaluations were better than 0 for super-resolution by 2 (0.3 dB, and a lower objective) and made
    /// no difference where more is measured; all contractions from 0.4 to 0.7 were as good.
    ///
    /// Where less than an eighth is measured, 60 in place of 8 ended 0.27 to 0.31 dB higher on 6 faces, for super-resolution by 4 and
    /// 8 and 90 % missing. A contraction of 0.25 with 40, on 15 faces, ended as high for super-resolution by 4, 0.03 dB higher for
    /// that by 8 and 0.06 with 90 % missing, with 1 to 5 % fewer evaluations; 20 pairs in place of 10, another 0.04 dB higher in
    /// super-resolution by 4.
    ///
    /// Elsewhere a longer stay costs: with 60 % missing 40 ended 0.07 dB higher on 30 faces, for 15 % more evaluations,
    /// super-resolution by 2 not at all, for 30 % more; and 20 pairs made no difference.
    package init(measured: Int, of imageCount: Int) {
        if 8 * measured < imageCount {
            self.init(contraction: 0.25, latentEvaluations: 40, memory: 20)
        } else {
            self.init(contraction: 0.5, latentEvaluations: 8, memory: 10)
        }
    }
}
