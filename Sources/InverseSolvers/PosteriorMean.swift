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

    /// The mean for a measurement in the range of the model, as a solve of one evaluation for each view. Its latent and the prior's value are those of the measurement.
    ///
    /// - Parameters:
    ///   - variance: sigma^2, which stands as lambda in the result.
    ///   - gain: c.
    ///   - views: an ensemble (`PriorView.ensemble`).
    package func restoration(
        of measurement: [Float], variance: Double, gain: Double, views: [PriorView] = [.identity]
    ) -> Restoration {
        let began = ContinuousClock.now
        var image = measurement
        let surprise = image.withUnsafeMutableBufferPointer { move($0, variance: variance, gain: gain, views: views) }
        var evaluation = Evaluation()
        evaluation.dataFidelity = surprise.squaredChange / 2
        evaluation.prior = variance * surprise.negativeLogDensity
        evaluation.gradientNorm = surprise.squaredChange.squareRoot()
        evaluation.imageIsFinite = image.allSatisfy(\.isFinite)
        evaluation.gradientPrecision = gradientPrecisionFlow.precision
        let seconds = began.duration(to: .now).inSeconds
        return Restoration(
            evaluation, image: evaluation.isFinite ? image : measurement, latent: latent, variance: variance, evaluations: views.count,
            seconds: seconds)
    }

    /// z of the last image that was moved.
    package private(set) var latent: [Float]
    /// The arithmetic of the product with the Jacobian.
    var gradientPrecision: Precision { gradientPrecisionFlow.precision }

    /// Moves an image, in the range of the model, to the mean for it: over all views, of those that see a pixel.
    ///
    /// - Parameters:
    ///   - variance: sigma^2 of the noise that it has.
    ///   - gain: c.
    ///   - views: at least one; the first sees all pixels.
    /// - Returns: the square of the change, and 1/2 |z|^2 - log|det J| of c times the image: -log p but for a constant.
    func move(
        _ image: UnsafeMutableBufferPointer<Float>, variance: Double, gain: Double, views: [PriorView] = [.identity]
    ) -> (squaredChange: Double, negativeLogDensity: Double) {
        precondition(image.count == imageShape.count, "an image of another shape")
        let step = Float(variance * gain)
        var (squares, density) = (0.0, 0.0)
        guard views.count > 1 else {
            density = look(at: image, gain: Float(gain), views[0])
            each(views[0]) { pixel, place, _ in
                let change = step * gradient[place]
                image[pixel] -= change
                squares += Double(change) * Double(change)
            }
            return (squares, density)
        }
        var sums = [Float](repeating: 0, count: image.count)
        var counts = [Float](repeating: 0, count: imageShape.pixels)
        // The image itself last: its latent is that of the result.
        for view in views.reversed() {
            density = look(at: image, gain: Float(gain), view)
            each(view) { pixel, place, isFirstChannel in
                sums[pixel] += gradient[place]
                if isFirstChannel { counts[pixel] += 1 }
            }
        }
        for channel in 0 ..< imageShape.channels {
            for pixel in 0 ..< imageShape.pixels {
                let index = channel * imageShape.pixels + pixel
                let change = step * sums[index] / counts[pixel]
                image[index] -= change
                squares += Double(change) * Double(change)
            }
        }
        return (squares, density)
    }

    /// The gradient of -log p at c times what a view shows of an image, and that but for a constant.
    private func look(at image: UnsafeMutableBufferPointer<Float>, gain: Float, _ view: PriorView) -> Double {
        if view == .identity {
            for index in seen.indices { seen[index] = gain * image[index] }
        } else {
            let (rows, columns) = (view.rows(of: imageShape.height), view.columns(of: imageShape.width))
            var index = 0
            for channel in 0 ..< imageShape.channels {
                for row in rows {
                    let start = (channel * imageShape.height + row.index) * imageShape.width
                    for column in columns {
                        seen[index] = gain * image[start + column.index]
                        index += 1
                    }
                }
            }
        }
        flow.forward(seen, count: 1, recording: point, into: &latent, logDeterminants: &logDeterminants)
        // Of 1/2 |f|^2 - log|det J_f|.
        gradientPrecisionFlow.forwardVJP(at: point, cotangent: latent, logDeterminantWeight: -1, into: &gradient)
        return latent.reduce(0) { $0 + Double($1) * Double($1) } / 2 - logDeterminants[0]
    }

    /// Calls for each pixel that a view sees, with where it sees it.
    private func each(_ view: PriorView, _ body: (_ pixel: Int, _ place: Int, _ isFirstChannel: Bool) -> Void) {
        let (rows, columns) = (view.rows(of: imageShape.height), view.columns(of: imageShape.width))
        for channel in 0 ..< imageShape.channels {
            for (row, source) in rows.enumerated() where source.isItself {
                let start = (channel * imageShape.height + source.index) * imageShape.width
                let place = (channel * imageShape.height + row) * imageShape.width
                for (column, source) in columns.enumerated() where source.isItself {
                    body(start + source.index, place + column, channel == 0)
                }
            }
        }
    }
}

extension Restoration {
    /// One step that is the whole solve.
    fileprivate init(_ evaluation: Evaluation, image: [Float], latent: [Float], variance: Double, evaluations: Int, seconds: Double) {
        var trace = Trace()
        trace.entries = [
            Trace.Entry(
                evaluation: evaluations, passes: 2 * evaluations, objective: evaluation.objective, dataFidelity: evaluation.dataFidelity,
                prior: evaluation.prior,
                gradientNorm: evaluation.gradientNorm, step: 1, seconds: seconds, unknown: .analysis,
                gradientPrecision: evaluation.gradientPrecision)
        ]
        self.init(
            image: image, latent: latent, regularizationWeight: variance, objective: evaluation.objective,
            dataFidelity: evaluation.dataFidelity, prior: evaluation.prior, evaluations: evaluations,
            gradientPrecisionEvaluations: evaluation.gradientPrecision == .fp32 ? nil : evaluations, passes: 2 * evaluations,
            seconds: seconds,
            stop: evaluation.isFinite ? .closedForm : .diverged, diagnosis: evaluation.isFinite ? nil : evaluation.fault, trace: trace)
    }
}
