import GlowModel
import KernelInterface

/// The mean of the clean image of a measurement with white Gaussian noise, for a flow that is the density p of such measurements (M. C. K. Tweedie's
/// formula, in H. Robbins, *An empirical Bayes approach to statistics*, 1956):
///
///     E[x | y] = y + sigma^2 grad log p(y)
///
/// No other estimate of x has a smaller expected squared error under the density. It takes one evaluation of the flow. Where the flow serves
/// several noise levels it sees y multiplied with the gain c, so the gradient is that of log p(c y).
package final class PosteriorMean<Flow: NormalizingFlow> {
    private let flow: Flow
    private let gradientPrecisionFlow: Flow
    private let imageShape: ImageShape
    private let point: Flow.Linearization
    private var seen, gradient: [Float]
    private var logDeterminants = [0.0]

    /// - Parameters:
    ///   - gradientPrecisionFlow: computes the product with the Jacobian; it shares points with `flow`, nil is `flow` itself.
    ///   - imageShape: of the measurements.
    /// - Throws: what the flow throws for a shape that it does not take.
    package init(_ flow: Flow, gradientPrecisionFlow: Flow? = nil, imageShape: ImageShape, parallelism: Parallelism) throws {
        self.flow = flow
        self.gradientPrecisionFlow = gradientPrecisionFlow ?? flow
        self.imageShape = imageShape
        point = try flow.makeLinearization(imageShape: imageShape, capacity: 1, parallelism: parallelism)
        let zeros = [Float](repeating: 0, count: imageShape.count)
        (seen, latent, gradient) = (zeros, zeros, zeros)
    }

    /// The mean for a measurement in the range of the model, as a solve of one evaluation. Its latent and the prior's value are those of the measurement.
    ///
    /// - Parameters:
    ///   - variance: sigma^2, which stands as lambda in the result.
    ///   - gain: c.
    package func restoration(of measurement: [Float], variance: Double, gain: Double) -> Restoration {
        let began = ContinuousClock.now
        var image = measurement
        let surprise = image.withUnsafeMutableBufferPointer { move($0, variance: variance, gain: gain) }
        var evaluation = Evaluation()
        evaluation.dataFidelity = surprise.squaredChange / 2
        evaluation.prior = variance * surprise.negativeLogDensity
        evaluation.gradientNorm = surprise.squaredChange.squareRoot()
        evaluation.imageIsFinite = image.allSatisfy(\.isFinite)
        evaluation.gradientPrecision = gradientPrecisionFlow.precision
        let seconds = began.duration(to: .now).inSeconds
        return Restoration(
            evaluation, image: evaluation.isFinite ? image : measurement, latent: latent, variance: variance, seconds: seconds)
    }

    /// z of the last image that was moved.
    package private(set) var latent: [Float]
    /// The arithmetic of the product with the Jacobian.
    var gradientPrecision: Precision { gradientPrecisionFlow.precision }

    /// Moves an image, in the range of the model, to the mean for it.
    ///
    /// - Parameters:
    ///   - variance: sigma^2 of the noise that it has.
    ///   - gain: c.
    /// - Returns: the square of the change, and 1/2 |z|^2 - log|det J| of c times the image: -log p but for a constant.
    func move(
        _ image: UnsafeMutableBufferPointer<Float>, variance: Double, gain: Double
    ) -> (squaredChange: Double, negativeLogDensity: Double) {
        precondition(image.count == imageShape.count, "an image of another shape")
        let factor = Float(gain)
        for index in seen.indices { seen[index] = factor * image[index] }
        flow.forward(seen, count: 1, recording: point, into: &latent, logDeterminants: &logDeterminants)
        // Of 1/2 |f|^2 - log|det J_f|.
        gradientPrecisionFlow.forwardVJP(at: point, cotangent: latent, logDeterminantWeight: -1, into: &gradient)
        let step = Float(variance * gain)
        var (squares, latentSquares) = (0.0, 0.0)
        for index in image.indices {
            let change = step * gradient[index]
            image[index] -= change
            squares += Double(change) * Double(change)
            latentSquares += Double(latent[index]) * Double(latent[index])
        }
        return (squares, latentSquares / 2 - logDeterminants[0])
    }
}

extension Restoration {
    /// One evaluation that is the whole solve.
    fileprivate init(_ evaluation: Evaluation, image: [Float], latent: [Float], variance: Double, seconds: Double) {
        var trace = Trace()
        trace.entries = [
            Trace.Entry(
                evaluation: 1, passes: 2, objective: evaluation.objective, dataFidelity: evaluation.dataFidelity, prior: evaluation.prior,
                gradientNorm: evaluation.gradientNorm, step: 1, seconds: seconds, unknown: .analysis,
                gradientPrecision: evaluation.gradientPrecision)
        ]
        self.init(
            image: image, latent: latent, regularizationWeight: variance, objective: evaluation.objective,
            dataFidelity: evaluation.dataFidelity, prior: evaluation.prior, evaluations: 1,
            gradientPrecisionEvaluations: evaluation.gradientPrecision == .fp32 ? nil : 1, passes: 2, seconds: seconds,
            stop: evaluation.isFinite ? .closedForm : .diverged, diagnosis: evaluation.isFinite ? nil : evaluation.fault, trace: trace)
    }
}
