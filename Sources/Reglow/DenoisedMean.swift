import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface

/// Denoises pictures by a prior that is a density of noisy ones: the posterior mean in closed form, in place of a solve.
struct DenoisedMean {
    private let means: PosteriorMean<Glow>

    /// - Throws: `GlowShapeError` for a canvas that the prior does not take.
    init(_ solver: Solver<Glow>, canvas: ImageShape) throws {
        means = try PosteriorMean(
            solver.flow, gradientPrecisionFlow: solver.gradientPrecisionFlow, imageShape: canvas, parallelism: solver.parallelism)
    }

    /// The mean, over all views of an ensemble.
    ///
    /// - Parameter onProgress: called once.
    /// - Throws: `OperatorError`; what `onProgress` throws.
    func restore(
        _ posed: PosedProblem, _ noise: PosedProblem.NoiseSeen, views: [PriorView], onProgress: ((RestorationProgress) throws -> Void)?
    ) throws -> RestoredImage {
        let canvas = posed.posedOperator.range.image(try posed.posedOperator.canvas.reflecting(posed.measurement))
        let solved = SolvedProblem(
            posed: posed,
            restoration: means.restoration(
                of: canvas, variance: noise.variance, gain: noise.gain, views: Array(views.prefix(posed.options.maximumEvaluations))))
        try onProgress?(
            RestorationProgress(
                entry: solved.restoration.trace.entries[0], canvasImage: solved.restoration.image[...], posed: posed, first: nil,
                isLast: true))
        return try RestoredImage(solved)
    }
}

extension PosedProblem {
    /// The noise of a picture that is denoised in closed form.
    struct NoiseSeen: Equatable {
        /// sigma^2, of one noise in C channels C sigma^2: the mean of the channels, in which all of that noise is, has it then as of C independent ones.
        let variance: Double
        /// What the prior sees the picture multiplied by.
        let gain: Double
    }

    /// The noise, where the posterior mean of the problem is known in closed form: each pixel is measured, and trusted; the solver is left to
    /// choose, and told no start. Nil for all others.
    func noise(seenBy levels: NoiseLevels?) -> NoiseSeen? {
        guard let levels, posedOperator.fromScene is Identity, options.minimizer == .auto, !options.includeLogDeterminant,
            chosen.criterion == nil, start == nil
        else { return nil }
        // A rule that estimates counts the copies itself, and a lambda that is given is meant.
        let isKnown = chosen.noiseDeviation != nil && chosen.noiseEstimate == nil
        let variance = chosen.regularizationWeight * (isKnown ? Double(copies) : 1)
        return NoiseSeen(variance: variance, gain: levels.gain(for: variance.squareRoot()))
    }
}

extension ImageMeasurement {
    /// Whether it is an image of one channel, or of equal ones: a grey picture kept in colour has one noise too.
    var isGrey: Bool {
        guard isImage else { return false }
        let first = values.prefix(shape.pixels)
        return (1 ..< max(1, shape.channels)).allSatisfy { values[$0 * shape.pixels ..< ($0 + 1) * shape.pixels].elementsEqual(first) }
    }
}

extension SceneCanvas {
    /// The canvas with this image in its place, and around it its mirror images: what is added has the noise of the image, too.
    ///
    /// - Throws: `OperatorError.wrongCount`.
    func reflecting(_ pixels: [Float]) throws -> [Float] {
        var canvas = try image.adjoint(pixels)
        let (size, place) = (image.imageShape, image.measurementShape)
        let columns = (0 ..< size.width).map { Border.reflected($0 - image.left, length: place.width) }
        for plane in 0 ..< size.channels {
            for row in 0 ..< size.height {
                let source = (plane * place.height + Border.reflected(row - image.top, length: place.height)) * place.width
                let target = (plane * size.height + row) * size.width
                for column in 0 ..< size.width { canvas[target + column] = pixels[source + columns[column]] }
            }
        }
        return canvas
    }
}
