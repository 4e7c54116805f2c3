import GlowModel
import KernelInterface

/// The bytes that `Solver.restore` takes at its height, beside its arguments and what it returns.
///
/// It follows the code that takes them: for each image of a batch the vectors of `Objective`, `ImageSolve`, `LBFGS` and
/// `WienerPreconditioner`, for all of them the linearization and the stationary prior. All vectors are taken before the first iteration, so
/// the height is in the iterations, or while the stationary prior is fitted.
package struct SolverMemory {
    /// An image on the canvas in single precision.
    private let image: Int
    /// A measurement.
    private let measurement: Int
    /// Matrices of channels x channels at each frequency.
    private let circulant: Int
    private let options: SolverOptions
    private let threads: Int

    /// - Parameters:
    ///   - canvas: the shape of the unknown.
    ///   - measurementCount: numbers of a measurement.
    package init(canvas: ImageShape, measurementCount: Int, options: SolverOptions, threads: Int) {
        image = 4 * canvas.count
        measurement = 4 * measurementCount
        // A half spectrum of complex numbers.
        circulant = 8 * canvas.channels * canvas.channels * (canvas.pixels / 2 + canvas.height)
        self.options = options
        self.threads = max(1, threads)
    }

    /// - Parameters:
    ///   - linearization: its bytes for a batch, and for one image.
    ///   - images: of the batch.
    ///   - beginsInLatent: whether something is missing, so that `MinimizerChoice.auto` begins in the latent.
    package func bytes(linearization: (batch: Int, one: Int), images: Int, beginsInLatent: Bool) -> Int {
        let objective = linearization.batch + 4 * images * image + threads * measurement
        // Fitting: image, latent, probe, spectrum; the sum of the blocks, and twice that much again while it is smoothed.
        let fitting = options.isPreconditioned ? linearization.one + 5 * image + 3 * circulant : 0
        let stationary = options.isPreconditioned ? image + circulant : 0
        // Each solve is prepared on one thread: two copies of the circulant matrix while a third is made into a filter.
        let preparing = options.isPreconditioned ? min(threads, images) * (3 * circulant + 4 * image) : 0
        let solve = 4 * image + measurement + minimizer(beginsInLatent: beginsInLatent) + (options.isPreconditioned ? preconditioner : 0)
        let iterating = images * solve + max(preparing - images * minimizer(beginsInLatent: beginsInLatent), 0)
        return objective + max(fitting, stationary + iterating)
    }

    /// The filter, seven vectors of coordinates, an image, a measurement and the memory of a transform of each channel.
    private var preconditioner: Int { circulant + 8 * image + image + measurement + 2 * image }

    private func minimizer(beginsInLatent: Bool) -> Int {
        switch options.minimizer {
        case .auto:
            let schedule = Schedule.standard.within(maximumEvaluations: options.maximumEvaluations)
            // In the image each pair has H0 y too, and there are two gradients times H0.
            let (latent, inImage) = (2 * schedule.memory(.synthesis), 3 * schedule.memory(.analysis) + 2)
            return (4 + (beginsInLatent ? max(latent, inImage) : inImage)) * image
        case .gaussNewton: return 12 * image
        case .gradientDescent: return 4 * image
        case .adam: return 4 * image
        case .lbfgs(let memory): return (4 + 2 * memory) * image
        }
    }
}
