import GlowModel
import Imaging
import InverseSolvers
import KernelInterface

/// A short measurement of how fast a restorer solves, for an estimate of the time that a picture takes.
package struct SpeedProbe: Sendable {
    /// What the vector work of a minimizer with a full memory adds to an evaluation with an empty one.
    private static let fullMemory = 1.25
    /// Evaluations of the measured solve: the first prepares, the others are measured.
    private static let evaluations = 4
    /// Below this side no tile is solved: what a solve prepares would take longer than what is measured.
    private static let leastSolvedSide = 128

    /// Seconds of one evaluation and the minimizer's work after it, for each pixel of the image.
    package let secondsPerPixel: Double
    private let evaluations: Int

    /// Solves a tile for a few evaluations; of a small one the flow alone is evaluated.
    ///
    /// - Parameters:
    ///   - side: of the tile in pixels, rounded up to what the prior takes.
    ///   - isSearch: whether lambda is searched for, which counts as two solves.
    /// - Throws: what the solver throws.
    package init(_ restorer: Restorer, problem: Problem, isSearch: Bool, side: Int) throws {
        evaluations = Self.typicalEvaluations(restorer, problem, isSearch)
        let multiple = restorer.prior.sizeMultiple
        let side = (side + multiple - 1) / multiple * multiple
        var generator = SeededGenerator(seed: 0, stream: .benchmark)
        let size = restorer.prior.architecture.fixedImageSize ?? (side, side)
        let shape = ImageShape(channels: restorer.prior.imageChannels, height: size.height, width: size.width)
        let image = try Image(shape: shape, pixels: (0 ..< shape.count).map { _ in Float(0.5 + 0.1 * generator.nextNormal()) })
        let isSolved = side >= Self.leastSolvedSide || restorer.prior.card.noiseLevels != nil
        let seconds = isSolved ? try Self.secondsInSolve(restorer, image) : try Self.secondsOfFlow(restorer, image)
        secondsPerPixel = Self.fullMemory * max(seconds, 1e-9) / Double(shape.pixels)
    }

    /// Seconds of an evaluation in a solve, with the minimizer's work after it.
    private static func secondsInSolve(_ restorer: Restorer, _ image: Image) throws -> Double {
        var restorer = restorer
        restorer.options.ensemble = 1
        restorer.options.maximumEvaluations = min(Self.evaluations, max(2, restorer.options.maximumEvaluations))
        restorer.options.progressTolerance = 0
        restorer.options.gradientTolerance = 0
        restorer.parallelism = Parallelism(threads: restorer.parallelism.threads)
        let restored = try restorer.restore([ImageMeasurement(image)], problem: .denoise, regularization: .fixed(1e-2))[0]
        let entries = restored.restoration.trace.entries
        if let first = entries.first, let last = entries.last, last.evaluation > first.evaluation {
            return (last.seconds - first.seconds) / Double(last.evaluation - first.evaluation)
        }
        return restored.restoration.seconds / Double(max(1, restored.evaluations))
    }

    /// Seconds of the two passes of an evaluation; those of the first one, which takes the memory, do not count.
    private static func secondsOfFlow(_ restorer: Restorer, _ image: Image) throws -> Double {
        let flow = restorer.prior
        let products = restorer.gradientPrecisionPrior ?? flow
        let point = try flow.makeLinearization(
            imageShape: image.shape, capacity: 1, parallelism: Parallelism(threads: restorer.parallelism.threads))
        var latent = image.pixels
        var gradient = latent
        var logDeterminants = [0.0]
        func evaluate() {
            flow.forward(image.pixels, count: 1, recording: point, into: &latent, logDeterminants: &logDeterminants)
            products.forwardVJP(at: point, cotangent: latent, logDeterminantWeight: 0, into: &gradient)
        }
        evaluate()
        let (seconds, attoseconds) = ContinuousClock().measure(evaluate).components
        return Double(seconds) + 1e-18 * Double(attoseconds)
    }

    /// An estimate of the time that the solves of so many pixels take.
    package func seconds(pixels: Int) -> Double { secondsPerPixel * Double(pixels) * Double(evaluations) }

    /// What solves took on photographs, as far as the options let them.
    private static func typicalEvaluations(_ restorer: Restorer, _ problem: Problem, _ isSearch: Bool) -> Int {
        let options = restorer.options
        if restorer.prior.card.noiseLevels != nil { return noisyPriorEvaluations(options, problem) }
        var count =
            switch problem {
            case .denoise: 100
            case .deblur: 100
            case .superresolve: 130
            case .inpaint: 120
            case .compressive, .linear: 150
            }
        if !options.isPreconditioned { count *= 3 }
        if options.progressTolerance == 0, options.gradientTolerance == 0 { count = .max }
        count = min(count, options.maximumEvaluations)
        let solves = (isSearch ? 2.0 : 1.0) * (restorer.options.selfEnsemble ? 1.2 : 1.0)
        return Int(Double(count) * solves)
    }

    /// Of a prior that is a density of noisy images; what a splitting does for the data takes the time of some evaluations more.
    private static func noisyPriorEvaluations(_ options: SolverOptions, _ problem: Problem) -> Int {
        let full =
            switch problem {
            case .denoise: 1.0
            case .deblur: 16.0
            case .superresolve, .inpaint, .compressive, .linear: 24.0
            }
        return Int(min(full + Double(options.ensemble - 1), Double(options.maximumEvaluations)))
    }
}
