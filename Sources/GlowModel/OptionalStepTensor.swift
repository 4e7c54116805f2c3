/// The tensors that a flow step of `reglow-glow/2` may have besides those of `FlowStepTensor`, named as in a model file after
/// `levels.{l}.steps.{k}.`
package enum OptionalStepTensor: String, Sendable, CaseIterable {
    /// What is added to the scale of an affine coupling.
    case scaleOffset = "scale_offset"
    /// The kernel of one more input channel of a 3x3 convolution, which is 1 outside of the image and 0 inside: a constant for each
    /// pixel at the edge.
    case net0Border = "net.0.border"
    case net2Border = "net.2.border"

    /// Row-major; a border is (output, row, column).
    package func dimensions(in shape: FlowStepShape) -> [Int] {
        switch self {
        case .scaleOffset: [1]
        case .net0Border: [shape.hidden, 3, 3]
        case .net2Border: [shape.outputs, 3, 3]
        }
    }

    func count(in shape: FlowStepShape) -> Int { dimensions(in: shape).reduce(1, *) }

    func name(level: Int, step: Int) -> String { "levels.\(level).steps.\(step).\(rawValue)" }
}

extension GlowVariant.ScaleMap {
    /// The least offset with which every scale is above 0.
    var leastOffset: Float {
        switch self {
        case .sigmoid, .exp: 0
        case .inverseSigmoid, .expSigmoid: -1
        }
    }
}

extension GlowArchitecture {
    /// Checks a step against what the architecture says of it.
    ///
    /// - Throws: `FlowStepError` for another shape, a tensor too many or too few, and an offset with which a scale could be 0 or less.
    func require(_ step: FlowStepParameters, level: Int, index: Int) throws(FlowStepError) {
        guard step.shape == stepShape(level: level) else { throw FlowStepError("net.0.weight", "is of another shape") }
        let expected = variant.tensors(level: level, step: index)
        for tensor in OptionalStepTensor.allCases where expected.contains(tensor) != (step[tensor] != nil) {
            throw FlowStepError(tensor.rawValue, expected.contains(tensor) ? "is missing" : "is not part of the architecture")
        }
        if let offset = step[.scaleOffset]?.first, !(offset >= variant.scaleMap.leastOffset) {
            throw FlowStepError(
                OptionalStepTensor.scaleOffset.rawValue,
                "is \(offset), must be at least \(variant.scaleMap.leastOffset) so that every scale is above 0")
        }
    }
}
