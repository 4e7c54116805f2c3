import GlowModel
import GlowTraining
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// A small flow and a batch for it.
struct TrainingCase: Sendable, CustomTestStringConvertible {
    let coupling: GlowArchitecture.Coupling
    let steps: [Int]
    let hidden: Int
    let shape: ImageShape
    let images: Int

    init(
        _ coupling: GlowArchitecture.Coupling, _ steps: [Int], hidden: Int, _ channels: Int, _ height: Int, _ width: Int,
        images: Int
    ) {
        (self.coupling, self.steps, self.hidden, self.images) = (coupling, steps, hidden, images)
        shape = ImageShape(channels: channels, height: height, width: width)
    }

    /// Both couplings; hidden layers that do and do not fill tiles and vectors; images that lie across vectors.
    static let all = [
        TrainingCase(.additive, [1], hidden: 8, 1, 4, 4, images: 2), TrainingCase(.affine, [2], hidden: 5, 1, 4, 6, images: 3),
        TrainingCase(.additive, [2, 1], hidden: 5, 1, 8, 4, images: 5), TrainingCase(.affine, [1, 2], hidden: 9, 1, 8, 8, images: 2),
        TrainingCase(.affine, [1], hidden: 20, 3, 4, 4, images: 2),
    ]

    var testDescription: String { "\(coupling) \(steps) h\(hidden) \(images) of \(shape)" }

    var architecture: GlowArchitecture {
        get throws { try GlowArchitecture(steps: steps, hidden: hidden, imageChannels: shape.channels, coupling: coupling) }
    }

    /// Parameters of which every one matters: what `random` leaves at zero is drawn too.
    func parameters(seed: UInt64 = 5) throws -> TrainingParameters {
        var parameters = try TrainingParameters.random(architecture: architecture, seed: seed)
        var generator = SeededGenerator(seed: seed, stream: .noise)
        for step in parameters.layout.steps {
            for tensor in TrainingTensor.allCases {
                let size: Double =
                    switch tensor {
                    case .net0Weight, .net1Weight: 0.4
                    case .net2Weight: 0.2
                    case .mixingFactors: 0.1
                    default: 0.3
                    }
                for index in step[tensor] { parameters.values[index] += Float(size * generator.nextNormal()) }
            }
        }
        return parameters
    }

    /// Numbers of a batch, in [-0.5, 0.5).
    func batch(seed: UInt64 = 9) -> [Float] {
        var generator = SeededGenerator(seed: seed, stream: .noise, index: 1)
        return (0 ..< images * shape.count).map { _ in Float(generator.nextUniform()) - 0.5 }
    }

    func likelihood(
        _ parameters: TrainingParameters, _ set: InstructionSet, precision: Precision = .fp32, threads: Int = 1,
        _ recomputation: Recomputation = .stored
    ) throws -> LikelihoodGradient {
        try LikelihoodGradient(
            parameters: parameters, imageShape: shape, images: images, precision: precision, recomputation: recomputation,
            kernels: set.table, parallelism: Parallelism(threads: threads))
    }
}

extension TrainingCase {
    /// `forward` of two models on the batch differs by roundings only: latents by 1e-5 of the largest, log-determinants by 1e-5 a
    /// dimension.
    func expectSameMap(
        _ found: some GlowParameterSource, as expected: some GlowParameterSource, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (found, expected) = (try forward(found), try forward(expected))
        #expect(
            relativeGap(found.latents, expected.latents.map(Double.init)) < 1e-5, sourceLocation: sourceLocation)
        for (a, b) in zip(found.logDeterminants, expected.logDeterminants) {
            #expect(abs(a - b) < 1e-5 * Double(shape.count), sourceLocation: sourceLocation)
        }
    }

    private func forward(_ source: some GlowParameterSource) throws -> (latents: [Float], logDeterminants: [Double]) {
        let glow = try Glow(source, kernels: InstructionSet.selected().table)
        let point = try glow.makeLinearization(imageShape: shape, capacity: images, parallelism: Parallelism(threads: 1))
        let batch = batch()
        var latents = [Float](repeating: 0, count: batch.count)
        var logDeterminants = [Double](repeating: 0, count: images)
        glow.forward(batch, count: images, recording: point, into: &latents, logDeterminants: &logDeterminants)
        return (latents, logDeterminants)
    }
}
