import GlowModel

/// The tensors of one flow step as they are trained, in the order in which they lie in the parameter vector.
///
/// At every pixel, with b `actnormBias`, D = diag(exp(`actnormLogScale`)) and W = P L (U + S) the 1x1 convolution,
///
///     u = W D (x + b)
///
/// `mixingFactors` is one (C, C) matrix: L below the diagonal (its own diagonal is 1), U above, log|s| on it; the
/// permutation P and the signs of S are fixed, see `MixingFrame`. The network's first two layers are as in a model file, its
/// third is (conv(x) + bias) exp(3 `net2LogScale`). Its weights are stored in the order in which their gradients come:
/// `net0Weight` as (9 C/2, h) and `net1Weight` as (h, h), both (input, output), `net2Weight` as (9 O, h), where row
/// 9 c + tap is channel c at tap 3 (dy + 1) + dx + 1.
package enum TrainingTensor: String, CaseIterable, Sendable {
    case actnormBias = "actnorm.bias"
    case actnormLogScale = "actnorm.log_scale"
    case mixingFactors = "mixing.factors"
    case net0Weight = "net.0.weight"
    case net0Bias = "net.0.bias"
    case net1Weight = "net.1.weight"
    case net1Bias = "net.1.bias"
    case net2Weight = "net.2.weight"
    case net2Bias = "net.2.bias"
    case net2LogScale = "net.2.log_scale"

    /// Row-major.
    package func dimensions(in shape: FlowStepShape) -> [Int] {
        switch self {
        case .actnormBias, .actnormLogScale: [shape.channels]
        case .mixingFactors: [shape.channels, shape.channels]
        case .net0Weight: [9 * (shape.channels / 2), shape.hidden]
        case .net1Weight: [shape.hidden, shape.hidden]
        case .net0Bias, .net1Bias: [shape.hidden]
        case .net2Weight: [9 * shape.outputs, shape.hidden]
        case .net2Bias, .net2LogScale: [shape.outputs]
        }
    }

    func count(in shape: FlowStepShape) -> Int {
        dimensions(in: shape).reduce(1, *)
    }
}

/// Says where the tensors of one flow step lie in the parameter vector, and in every vector of the same layout: the gradient, the
/// moments of an optimizer, the average.
package struct StepLayout: Sendable {
    package let level: Int
    package let index: Int
    package let shape: FlowStepShape
    /// All tensors of the step.
    package let range: Range<Int>

    /// The numbers of one tensor.
    package subscript(tensor: TrainingTensor) -> Range<Int> {
        var first = range.lowerBound
        for former in TrainingTensor.allCases {
            let count = former.count(in: shape)
            if former == tensor { return first ..< first + count }
            first += count
        }
        return first ..< first
    }

    static func count(in shape: FlowStepShape) -> Int {
        TrainingTensor.allCases.reduce(0) { $0 + $1.count(in: shape) }
    }
}

/// One vector for all parameters of a Glow: the steps one after the other, level by level, finest level first.
package struct ParameterLayout: Sendable {
    package let architecture: GlowArchitecture
    /// All steps, in forward order.
    package let steps: [StepLayout]
    /// Numbers in the vector.
    package let count: Int

    package init(_ architecture: GlowArchitecture) {
        self.architecture = architecture
        var steps: [StepLayout] = []
        var first = 0
        for level in 0 ..< architecture.levels {
            let shape = architecture.stepShape(level: level)
            let count = StepLayout.count(in: shape)
            for index in 0 ..< architecture.steps[level] {
                steps.append(StepLayout(level: level, index: index, shape: shape, range: first ..< first + count))
                first += count
            }
        }
        self.steps = steps
        count = first
    }

    /// The number of the first step of a level in `steps`.
    func firstStep(level: Int) -> Int { architecture.steps[..<level].reduce(0, +) }
}
