import KernelInterface

/// dataGradient = A'(A x - y), and the value of the data fidelity, for each image of a batch.
struct DataFidelityLoop: LoopBody {
    let terms: [ObjectiveTerms]
    /// Numbers of an image.
    let n: Int
    let images: [Float]
    /// A x - y, one for each worker.
    let residuals: AlignedBuffer<Float>
    let residualStride: Int
    let loops: VectorLoops
    let recorder: PhaseRecorder?
    let dataGradients: UnsafeMutableBufferPointer<Float>
    let evaluations: UnsafeMutableBufferPointer<Evaluation>

    func run(task index: Int, worker: Int) {
        guard let dataGradient = dataGradients.baseAddress?.advanced(by: index * n) else { return }
        evaluations[index].dataFidelity = images.withElements(at: index * n) { image in
            terms[index].dataFidelity.evaluate(
                at: image, residual: residuals.base + worker * residualStride, gradient: dataGradient, loops: loops,
                recorder: recorder, worker: worker)
        }
    }
}

/// gradient = dataGradient + lambda * gradient in analysis, where the flow left J_f' z in `gradients`;
/// gradient = gradient + lambda * z in synthesis, where it left J_g' A'(A x - y). And the rest of each evaluation.
struct CompletionLoop: LoopBody {
    let terms: [ObjectiveTerms]
    let formulation: Formulation
    let n: Int
    let images: [Float]
    let latents: [Float]
    /// log|det J_f| of each image; nil where it is left out.
    let logDeterminants: [Double]?
    let dataGradients: [Float]
    let gradients: UnsafeMutableBufferPointer<Float>
    let loops: VectorLoops
    let evaluations: UnsafeMutableBufferPointer<Evaluation>

    func run(task index: Int, worker: Int) {
        guard let gradient = gradients.baseAddress?.advanced(by: index * n) else { return }
        let prior = terms[index].prior
        latents.withElements(at: index * n) { latent in
            switch formulation {
            case .analysis:
                dataGradients.withElements(at: index * n) {
                    prior.addGradient(gradient, to: $0, into: gradient, count: n, loops: loops)
                }
            case .synthesis:
                prior.addGradient(latent, to: gradient, into: gradient, count: n, loops: loops)
            }
            evaluations[index].prior = prior.value(at: latent, logDeterminant: logDeterminants?[index] ?? 0, count: n, loops: loops)
        }
        evaluations[index].gradientNorm = loops.dot(gradient, gradient, count: n).squareRoot()
        evaluations[index].imageIsFinite = images.withElements(at: index * n) {
            loops.dot($0, $0, count: n).isFinite
        }
    }
}
