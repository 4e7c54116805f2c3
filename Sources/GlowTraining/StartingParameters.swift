import GlowModel
import KernelInterface

extension TrainingParameters {
    /// A new flow: each 1x1 convolution a random rotation, actnorm the identity until a first batch is seen, the first two layers of
    /// each network normal with deviation 0.05, the last one zero, so that additive couplings start as the identity.
    ///
    /// Source: Kingma and Dhariwal, "Glow" (2018). A step depends on the seed, its level and its index alone.
    package static func random(architecture: GlowArchitecture, seed: UInt64) throws -> TrainingParameters {
        try TrainingParameters(architecture: architecture) { step, values in
            var generator = SeededGenerator(starting: step.level, step.index, seed: seed)
            let order = step.shape.channels
            let rotation = randomRotation(order: order, &generator).flatMap { $0 }
            let (frame, factors) = try MixingFrame.decomposed(rotation, order: order)
            values[.mixingFactors] = factors
            startNetwork(of: step, &generator, in: &values)
            return frame
        }
    }

    /// Draws the first two layers of a new step's network; the last one stays zero.
    static func startNetwork(
        of step: StepLayout, _ generator: inout SeededGenerator, in values: inout [TrainingTensor: [Float]]
    ) {
        for tensor in [TrainingTensor.net0Weight, .net1Weight] {
            values[tensor] = (0 ..< tensor.count(in: step.shape)).map { _ in Float(0.05 * generator.nextNormal()) }
        }
    }

    /// The parameters of an existing model: M = P L V with the identity as actnorm scale and M^-1 m as its bias, and an output
    /// scale of 1.
    ///
    /// - Throws: what the source throws.
    package static func starting(from source: some GlowParameterSource) throws -> TrainingParameters {
        try TrainingParameters(architecture: source.architecture) { step, values in
            let parameters = try source.step(level: step.level, index: step.index)
            let shape = step.shape
            let order = shape.channels
            let (frame, factors) = try MixingFrame.decomposed(parameters.mixing.elements.map(Double.init), order: order)
            values[.mixingFactors] = factors
            values[.actnormBias] = (0 ..< order).map { row in
                var sum = 0.0
                for j in 0 ..< order {
                    sum += parameters.mixing.inverse[row * order + j] * Double(parameters.mixingBias[j])
                }
                return Float(sum)
            }
            values[.net0Weight] = transposed(parameters.net0Weight, rows: shape.hidden)
            values[.net0Bias] = parameters.net0Bias
            values[.net1Weight] = transposed(parameters.net1Weight, rows: shape.hidden)
            values[.net1Bias] = parameters.net1Bias
            values[.net2Weight] = swappedTaps(parameters.net2Weight, outputs: shape.outputs, from: shape.hidden, to: 9)
            values[.net2Bias] = parameters.net2Bias
            return frame
        }
    }

    /// Fills the vector step by step; tensors that `fill` does not give are zero.
    init(
        architecture: GlowArchitecture,
        _ fill: (StepLayout, inout [TrainingTensor: [Float]]) throws -> MixingFrame
    ) throws {
        let layout = ParameterLayout(architecture)
        var values = [Float](repeating: 0, count: layout.count)
        let frames = try layout.steps.map { step in
            var tensors: [TrainingTensor: [Float]] = [:]
            let frame = try fill(step, &tensors)
            for (tensor, numbers) in tensors { values.replaceSubrange(step[tensor], with: numbers) }
            return frame
        }
        try self.init(architecture: architecture, frames: frames, values: values)
    }
}

extension SeededGenerator {
    /// What draws the parameters of one step before training.
    init(starting level: Int, _ index: Int, seed: UInt64) {
        self.init(seed: seed, stream: .trainingStart, index: UInt64(level) << 32 | UInt64(index))
    }
}

/// The transpose of a matrix of `rows` rows, row-major both.
func transposed(_ matrix: [Float], rows: Int) -> [Float] {
    let columns = matrix.count / rows
    return [Float](unsafeUninitializedCapacity: matrix.count) { result, count in
        for row in 0 ..< rows {
            for column in 0 ..< columns { result.initializeElement(at: column * rows + row, to: matrix[row * columns + column]) }
        }
        count = matrix.count
    }
}

/// (outputs, from, to) to (outputs, to, from).
func swappedTaps(_ weights: [Float], outputs: Int, from: Int, to: Int) -> [Float] {
    (0 ..< outputs).flatMap { output in
        transposed(Array(weights[output * from * to ..< (output + 1) * from * to]), rows: from)
    }
}
