import Glibc
import GlowModel

/// Training parameters folded into the form of a model file: what the engine runs and what is written.
///
///     M = W D,  m = M b,  third layer times exp(3 log scale)
package struct FoldedGlow: GlowParameterSource {
    package let card: ModelCard
    private let parameters: TrainingParameters

    package init(_ parameters: TrainingParameters, card: ModelCard = ModelCard()) {
        self.parameters = parameters
        self.card = card
    }

    package var architecture: GlowArchitecture { parameters.architecture }

    /// - Throws: `FlowStepError` when training has made M singular to single precision.
    package func step(level: Int, index: Int) throws -> FlowStepParameters {
        let number = parameters.layout.firstStep(level: level) + index
        let layout = parameters.layout.steps[number]
        let shape = layout.shape
        func numbers(_ tensor: TrainingTensor) -> [Float] { Array(parameters[layout, tensor]) }
        let mixing = parameters.values.withUnsafeBufferPointer { values in
            values.baseAddress.map { Mixing(StepValues(layout, in: $0), frame: parameters.frames[number]) }
        }
        let outputScale = numbers(.net2LogScale).map(outputScale(logScale:))
        return try FlowStepParameters(shape: shape) { tensor in
            switch tensor {
            case .mixingWeight: return (mixing?.matrix ?? []).map(Float.init)
            case .mixingBias: return (mixing?.bias ?? []).map(Float.init)
            case .net0Weight: return transposed(numbers(.net0Weight), rows: 9 * (shape.channels / 2))
            case .net0Bias: return numbers(.net0Bias)
            case .net1Weight: return transposed(numbers(.net1Weight), rows: shape.hidden)
            case .net1Bias: return numbers(.net1Bias)
            case .net2Weight:
                let weights = swappedTaps(numbers(.net2Weight), outputs: shape.outputs, from: 9, to: shape.hidden)
                return weights.enumerated().map { $1 * outputScale[$0 / (9 * shape.hidden)] }
            case .net2Bias: return zip(numbers(.net2Bias), outputScale).map(*)
            }
        }
    }
}

/// exp(3 l): how a network's output is scaled.
func outputScale(logScale: Float) -> Float { Float(exp(3 * Double(logScale))) }
