import GlowModel
import KernelInterface

/// The unknown of the minimization. Both have the same minimizers, in different metrics.
public enum Formulation: String, Sendable, CaseIterable {
    /// The image x.
    case analysis
    /// The latent z, x = g(z).
    case synthesis
}

/// The terms of E for one image.
package typealias ObjectiveTerms = (dataFidelity: DataFidelity, prior: LatentPrior)

/// What is minimized. Read this file first: the solvers only ever see its value and gradient.
///
///     analysis    E(x)    = 1/2 |A x - y|^2 + lambda/2 |f(x)|^2      gradient  A'(A x - y) + lambda J_f' f(x)
///     synthesis   E(g(z)) = 1/2 |A g(z) - y|^2 + lambda/2 |z|^2      gradient  J_g' A'(A g(z) - y) + lambda z
///
/// With the log-determinant (analysis only) E has the term -lambda log|det J_f(x)| more, and its gradient.
///
/// One call evaluates a batch of independent images, each with its own A, y and lambda; they share one flow
/// evaluation, which is two passes of the flow: a map and its vector-Jacobian product. The operators run in parallel
/// over the images. The result for an image depends on neither its companions nor the number of threads.
///
/// Use: write the unknowns with `setUnknown`, call `evaluate`, read `evaluations`, `gradients`, `images` and
/// `latents`. Image i of the batch stands at `i * imageShape.count` in every array. All memory is taken when the
/// objective is made.
package final class Objective<Flow: NormalizingFlow> {
    package typealias Terms = ObjectiveTerms

    /// Which of both sides is the unknown, from the next `setUnknown` on.
    package var formulation: Formulation
    package let imageShape: ImageShape
    package let capacity: Int

    /// x and z of the batch: one is the unknown, the other follows from it.
    package private(set) var images: [Float]
    package private(set) var latents: [Float]
    /// Gradients of E in the unknown.
    package private(set) var gradients: [Float]
    package private(set) var evaluations: [Evaluation]

    private let flow: Flow
    private let gradientPrecisionFlow: Flow
    private let includeLogDeterminant: Bool
    private let parallelism: Parallelism
    private let point: Flow.Linearization
    /// A'(A x - y) of each image.
    private var dataGradients: [Float]
    /// log|det J_f| of each image.
    private var logDeterminants: [Double]
    /// A x - y, one for each worker of the parallel loop.
    private var residuals: AlignedBuffer<Float>
    private var residualStride: Int

    /// Arguments and results of Jacobian products; taken when they are first used.
    private lazy var tangents = [Float](repeating: 0, count: capacity * n)
    private lazy var tangentLatents = [Float](repeating: 0, count: capacity * n)

    private var n: Int { imageShape.count }

    /// An objective for up to `capacity` images at once, with measurements of up to `measurementCount` numbers.
    ///
    /// - Parameter gradientPrecisionFlow: shares points with `flow`; nil is `flow` itself.
    /// - Throws: what the flow throws for a shape that it does not take.
    package init(
        flow: Flow, gradientPrecisionFlow: Flow? = nil, imageShape: ImageShape, measurementCount: Int, capacity: Int,
        formulation: Formulation,
        includeLogDeterminant: Bool = false, parallelism: Parallelism
    ) throws {
        point = try flow.makeLinearization(imageShape: imageShape, capacity: capacity, parallelism: parallelism)
        self.flow = flow
        self.gradientPrecisionFlow = gradientPrecisionFlow ?? flow
        self.formulation = formulation
        self.imageShape = imageShape
        self.capacity = capacity
        self.includeLogDeterminant = includeLogDeterminant
        self.parallelism = parallelism
        let zeros = [Float](repeating: 0, count: capacity * imageShape.count)
        images = zeros
        latents = zeros
        gradients = zeros
        dataGradients = zeros
        logDeterminants = [Double](repeating: 0, count: capacity)
        evaluations = [Evaluation](repeating: Evaluation(), count: capacity)
        residualStride = measurementCount
        residuals = AlignedBuffer(count: parallelism.threads * measurementCount)
    }

    /// Makes room for measurements of so many numbers.
    package func reserve(measurementCount: Int) {
        guard measurementCount > residualStride else { return }
        residualStride = measurementCount
        residuals = AlignedBuffer(count: parallelism.threads * measurementCount)
    }

    /// Writes the unknown of image `index`: x in analysis, z in synthesis.
    package func setUnknown(_ index: Int, to vector: Vector) {
        switch formulation {
        case .analysis: images.replace(at: index * n, with: vector)
        case .synthesis: latents.replace(at: index * n, with: vector)
        }
    }

    /// Value and gradient of E for images 0 ..< terms.count of the batch, at most `capacity`.
    ///
    /// - Parameter isInGradientPrecision: whether the products with the Jacobian, in the gradients, are those of the gradient precision.
    package func evaluate(_ terms: [Terms], isInGradientPrecision: Bool = false) {
        let count = terms.count
        let products = isInGradientPrecision ? gradientPrecisionFlow : flow
        switch formulation {
        case .analysis:
            flow.forward(images, count: count, recording: point, into: &latents, logDeterminants: &logDeterminants)
            products.forwardVJP(
                at: point, cotangent: latents, logDeterminantWeight: includeLogDeterminant ? -1 : 0, into: &gradients)
            evaluateDataFidelity(terms)
        case .synthesis:
            flow.inverse(latents, count: count, recording: point, into: &images)
            evaluateDataFidelity(terms)
            products.inverseVJP(at: point, cotangent: dataGradients, into: &gradients)
        }
        completeEvaluations(terms)
        for index in 0 ..< count { evaluations[index].gradientPrecision = products.precision }
    }

    /// result = (A'A + lambda J'J) v, J = J_f at the image that was evaluated last, alone: the Hessian of E in x without the curvature of
    /// the flow. Two passes. The evaluation and its arrays stay.
    package func gaussNewtonProduct(_ v: Vector, _ terms: Terms, into result: Vector) {
        tangents.replace(at: 0, with: v)
        flow.forwardJVP(at: point, tangent: tangents, into: &tangentLatents)
        flow.forwardVJP(at: point, cotangent: tangentLatents, logDeterminantWeight: 0, into: &tangents)
        terms.dataFidelity.forwardOperator.apply(v.elements, into: residuals.base)
        terms.dataFidelity.forwardOperator.adjoint(residuals.base, into: result.mutableElements)
        tangents.withElements(at: 0) {
            VectorMath.add(
                result.elements, terms.prior.regularizationWeight, times: $0, into: result.mutableElements, count: n)
        }
    }

    /// The unknowns that belong to points given on the other side of the flow, in batches of at most `capacity`:
    /// images g(z) of latents z in analysis, latents f(x) of images x in synthesis. One pass of the flow.
    ///
    /// - Parameter isInGradientPrecision: whether the map is that of the gradient precision.
    package func unknowns(from others: [[Float]], isInGradientPrecision: Bool = false) -> [[Float]] {
        let flow = isInGradientPrecision ? gradientPrecisionFlow : flow
        var unknowns: [[Float]] = []
        for first in stride(from: 0, to: others.count, by: capacity) {
            let batch = others[first ..< min(first + capacity, others.count)]
            let joined = Array(batch.joined())
            switch formulation {
            case .analysis: flow.inverse(joined, count: batch.count, recording: point, into: &images)
            case .synthesis:
                flow.forward(
                    joined, count: batch.count, recording: point, into: &latents, logDeterminants: &logDeterminants)
            }
            let results = formulation == .analysis ? images : latents
            for index in 0 ..< batch.count {
                unknowns.append(Array(results[index * n ..< (index + 1) * n]))
            }
        }
        return unknowns
    }

    private func evaluateDataFidelity(_ terms: [Terms]) {
        dataGradients.withUnsafeMutableBufferPointer { dataGradients in
            evaluations.withUnsafeMutableBufferPointer { evaluations in
                let loop = DataFidelityLoop(
                    terms: terms, n: n, images: images, residuals: residuals, residualStride: residualStride, loops: loops,
                    recorder: parallelism.recorder, dataGradients: dataGradients, evaluations: evaluations)
                forEachImage(
                    terms.count, .dataFidelity, loop, isShared: !terms.contains { $0.dataFidelity.forwardOperator.staysOnCallingThread })
            }
        }
    }

    private func completeEvaluations(_ terms: [Terms]) {
        gradients.withUnsafeMutableBufferPointer { gradients in
            evaluations.withUnsafeMutableBufferPointer { evaluations in
                let loop = CompletionLoop(
                    terms: terms, formulation: formulation, n: n, images: images, latents: latents,
                    logDeterminants: includeLogDeterminant ? logDeterminants : nil, dataGradients: dataGradients,
                    gradients: gradients, loops: loops, evaluations: evaluations)
                forEachImage(terms.count, .vectors, loop)
            }
        }
    }

    /// Small images are shared among the threads, of large ones each.
    ///
    /// - Parameter isShared: false where the calling thread is to do all.
    private func forEachImage(_ count: Int, _ phase: Phase, _ loop: some LoopBody, isShared: Bool = true) {
        guard VectorLoops.shares(n) || !isShared else { return parallelism.forEach(count, phase, loop) }
        let span = parallelism.recorder?.begin(phase)
        for index in 0 ..< count { loop.run(task: index, worker: 0) }
        span?.end()
    }

    /// How the vectors of one image are worked on; not recorded, since what asks for them is.
    private var loops: VectorLoops { VectorLoops(VectorLoops.shares(n) ? Parallelism(threads: parallelism.threads) : .serial) }
}
