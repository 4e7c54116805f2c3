import GlowModel
import KernelInterface
import Synchronization

/// A flow that notes when its maps run: what a solver spends in it, and so what it spends around it.
struct TimedFlow<Flow: NormalizingFlow>: NormalizingFlow {
    let flow: Flow
    let log = EvaluationLog()

    var imageChannels: Int { flow.imageChannels }
    var sizeMultiple: Int { flow.sizeMultiple }
    var precision: Precision { flow.precision }

    func sharesPoints(with other: TimedFlow) -> Bool { flow.sharesPoints(with: other.flow) }

    func makeLinearization(
        imageShape: ImageShape, capacity: Int, parallelism: Parallelism
    ) throws -> Flow.Linearization {
        try flow.makeLinearization(imageShape: imageShape, capacity: capacity, parallelism: parallelism)
    }

    func forward(
        _ images: [Float], count: Int, recording point: Flow.Linearization,
        into latents: inout [Float], logDeterminants: inout [Double]
    ) {
        log.time(beginsEvaluation: true) {
            flow.forward(images, count: count, recording: point, into: &latents, logDeterminants: &logDeterminants)
        }
    }

    func inverse(_ latents: [Float], count: Int, recording point: Flow.Linearization, into images: inout [Float]) {
        log.time(beginsEvaluation: true) { flow.inverse(latents, count: count, recording: point, into: &images) }
    }

    func forwardJVP(at point: Flow.Linearization, tangent: [Float], into latents: inout [Float]) {
        log.time { flow.forwardJVP(at: point, tangent: tangent, into: &latents) }
    }

    func forwardVJP(
        at point: Flow.Linearization, cotangent: [Float], logDeterminantWeight: Float, into images: inout [Float]
    ) {
        log.time {
            flow.forwardVJP(
                at: point, cotangent: cotangent, logDeterminantWeight: logDeterminantWeight, into: &images)
        }
    }

    func inverseJVP(at point: Flow.Linearization, tangent: [Float], into images: inout [Float]) {
        log.time { flow.inverseJVP(at: point, tangent: tangent, into: &images) }
    }

    func inverseVJP(at point: Flow.Linearization, cotangent: [Float], into latents: inout [Float]) {
        log.time { flow.inverseVJP(at: point, cotangent: cotangent, into: &latents) }
    }
}

/// When evaluations began, and how long each was inside of the flow.
///
/// An evaluation begins with `forward` or `inverse` and ends where the next one begins: so it holds the step that the minimizer
/// makes of it.
final class EvaluationLog: Sendable {
    private struct Evaluation {
        let began: ContinuousClock.Instant
        var inFlow = Duration.zero
    }

    private let evaluations = Mutex<[Evaluation]>([])

    /// Runs a map of the flow.
    func time(beginsEvaluation: Bool = false, _ map: () -> Void) {
        let began = ContinuousClock.now
        map()
        let duration = began.duration(to: .now)
        evaluations.withLock { evaluations in
            if beginsEvaluation { evaluations.append(Evaluation(began: began)) }
            if let last = evaluations.indices.last { evaluations[last].inFlow += duration }
        }
    }

    /// The part of each evaluation, but for the last one, that was not in the flow.
    var sharesAround: [Double] {
        evaluations.withLock { evaluations in
            zip(evaluations, evaluations.dropFirst()).map { evaluation, next in
                1 - evaluation.inFlow / evaluation.began.duration(to: next.began)
            }
        }
    }
}
