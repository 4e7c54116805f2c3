import KernelInterface

/// How a preconditioned solve goes that begins in the latent and goes on in the image.
///
/// The first steps in the latent go from one plausible image to another, which finds missing parts and fine detail that no measurement
/// holds; but what is measured converges slowly.
///
/// The objective has many minima of nearly the same value. The better images are at those that are reached with a latent that grows: that
/// begins small, and gets its fine levels last, as plain L-BFGS does it. Preconditioned by the mean curvature of each level, the objective
/// falls faster in the latent, and the image ends lower. docs/measurements.md has what was tried.
package struct Schedule: Equatable {
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

    /// The iterates in which progress is asked for, where the options name no tolerance and no fewer; nil leaves it to them.
    package var progressWindow: Int?
    /// The residual that products with H0 may leave, as a part of what they are of.
    package var inverseTolerance = WienerPreconditioner.tolerance

    package init(contraction: Float, latentEvaluations: Int, latentMemory: Int, imageMemory: Int, leastTolerance: Double = 0) {
        (self.contraction, self.latentEvaluations) = (contraction, latentEvaluations)
        (self.latentMemory, self.imageMemory, self.leastTolerance) = (latentMemory, imageMemory, leastTolerance)
    }

    /// Pairs of a solve in this unknown.
    func memory(_ formulation: Formulation) -> Int { formulation == .synthesis ? latentMemory : imageMemory }

    /// The schedule of `MinimizerChoice.auto`, whatever is missing.
    package static let standard = Schedule(contraction: 0.25, latentEvaluations: 60, latentMemory: 40, imageMemory: 6)

    /// The schedule of `MinimizerChoice.auto` for a window of a scene, all of which is measured but its surroundings: fewer evaluations in the latent, since
    /// the first step in the image finds most of the window, and an earlier end, since the last steps find nothing but surroundings that
    /// nobody will see. `docs/borders.md` has the measurements.
    package static let window = Schedule(
        contraction: 0.25, latentEvaluations: 30, latentMemory: 40, imageMemory: 6, leastTolerance: 2e-3)

    /// The same, but for a canvas of this shape.
    ///
    /// Some tens of steps in the latent settle what a small picture shows as a whole, such as a face, and what stands in a gap. A larger
    /// picture is made of many places that know little of each other, and share every step and its length: there the latent gives the image a
    /// better start in few steps or not at all. docs/measurements.md has the comparison.
    ///
    /// Where no pixel of the measurement is lacking, a large picture ends earlier too: what the objective still loses then are details of the prior's
    /// own, and the picture becomes no better, and worse where much is not measured.
    ///
    /// - Parameter gaps: what the measurement lacks; asked of large canvases only.
    package func forCanvas(of shape: ImageShape, gaps: @autoclosure () -> Gaps) -> Schedule {
        guard shape.pixels > Self.smallCanvas else { return self }
        let gaps = gaps()
        guard gaps != .patches else { return self }
        var schedule = leavingTheLatent(after: Self.largeCanvasEvaluations)
        schedule.inverseTolerance = Self.largeCanvasInverseTolerance
        if gaps == .none {
            // Half of the progress in half of the iterates.
            schedule.progressWindow = Self.largeCanvasWindow
            schedule.leastTolerance = max(Self.largeCanvasTolerance, leastTolerance / 2)
        }
        return schedule
    }

    /// What a measurement lacks of its pixels.
    package enum Gaps: Sendable {
        case none
        /// Pixels with measured ones around them.
        case scattered
        /// Pixels that are far from any measured one (`ForwardOperator.lacksPatches`).
        case patches
    }

    /// Pixels of a picture that is small: 128 by 128.
    package static let smallCanvas = 1 << 14
    /// Evaluations in the latent for larger ones.
    package static let largeCanvasEvaluations = 20
    /// The residual of H0 for larger ones: with as much, gaps that are patches are filled worse.
    package static let largeCanvasInverseTolerance = 1e-2
    /// The iterates, and the least tolerance of progress in them, for larger ones without gaps.
    package static let largeCanvasWindow = 5
    package static let largeCanvasTolerance = 5e-4

    /// The same, but for a solve of at most so many evaluations, of which a third may be in the latent: an image that leaves the latent
    /// early is better than one that does not leave it.
    package func within(maximumEvaluations: Int) -> Schedule {
        leavingTheLatent(after: maximumEvaluations / 3)
    }

    /// The same with at most so many evaluations in the latent, which give no more pairs.
    private func leavingTheLatent(after evaluations: Int) -> Schedule {
        var schedule = self
        schedule.latentEvaluations = min(latentEvaluations, evaluations)
        schedule.latentMemory = min(latentMemory, schedule.latentEvaluations)
        return schedule
    }
}
