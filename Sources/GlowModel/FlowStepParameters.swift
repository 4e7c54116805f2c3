import KernelInterface

import Files

/// The sizes of one flow step: C channels, of which the first C/2 condition the rest, h hidden channels, O outputs of the network.
package struct FlowStepShape: Hashable, Sendable {
    /// C, even.
    package let channels: Int
    /// h
    package let hidden: Int
    /// O: C/2 shifts for additive coupling, C/2 shifts and then C/2 raw scales for affine.
    package let outputs: Int

    init(channels: Int, hidden: Int, coupling: GlowArchitecture.Coupling) {
        self.channels = channels
        self.hidden = hidden
        outputs = coupling == .affine ? channels : channels / 2
    }

    /// Planes that the third product of a network gives: nine for each channel, whole tiles of rows.
    var tapPlanes: Int { paddedToTile(9 * max(outputs, channels / 2)) }

    package var parameterCount: Int {
        FlowStepTensor.allCases.reduce(0) { $0 + $1.count(in: self) }
    }

    /// The multiply-accumulates of the coupling network for each pixel: those of its three convolutions.
    var networkMultiplyAccumulates: Int {
        [FlowStepTensor.net0Weight, .net1Weight, .net2Weight].reduce(0) { $0 + $1.count(in: self) }
    }
}

/// The tensors of one flow step, named as in a model file after `levels.{l}.steps.{k}.`
package enum FlowStepTensor: String, Sendable, CaseIterable {
    case mixingWeight = "invconv.weight"
    case mixingBias = "invconv.bias"
    case net0Weight = "net.0.weight"
    case net0Bias = "net.0.bias"
    case net1Weight = "net.1.weight"
    case net1Bias = "net.1.bias"
    case net2Weight = "net.2.weight"
    case net2Bias = "net.2.bias"

    /// Row-major; a weight is (output, input) or (output, input, row, column).
    package func dimensions(in shape: FlowStepShape) -> [Int] {
        switch self {
        case .mixingWeight: [shape.channels, shape.channels]
        case .mixingBias: [shape.channels]
        case .net0Weight: [shape.hidden, shape.channels / 2, 3, 3]
        case .net0Bias, .net1Bias: [shape.hidden]
        case .net1Weight: [shape.hidden, shape.hidden]
        case .net2Weight: [shape.outputs, shape.hidden, 3, 3]
        case .net2Bias: [shape.outputs]
        }
    }

    var isNetworkWeight: Bool { self == .net0Weight || self == .net1Weight || self == .net2Weight }

    func count(in shape: FlowStepShape) -> Int { dimensions(in: shape).reduce(1, *) }

    func name(level: Int, step: Int) -> String { "levels.\(level).steps.\(step).\(rawValue)" }
}

/// The weights of one flow step, as `FlowStepTensor` lays them out.
///
/// At every pixel u = M x + m, with M `mixing` and m `mixingBias`; on the first half of u then the network
/// conv3x3 (`net0`), relu, conv1x1 (`net1`), relu, conv3x3 (`net2`).
package struct FlowStepParameters: Sendable {
    package let shape: FlowStepShape
    package let mixing: InvertibleMatrix
    package let mixingBias: [Float]
    package let net0Weight: [Float]
    package let net0Bias: [Float]
    package let net1Weight: [Float]
    package let net1Bias: [Float]
    package let net2Weight: [Float]
    package let net2Bias: [Float]
    private let optional: [OptionalStepTensor: [Float]]

    /// Asks `values` once for each tensor.
    ///
    /// - Parameter optional: what the step has besides.
    /// - Throws: what `values` throws, and `FlowStepError` when a tensor has not the count of its shape, or M is not invertible.
    package init(
        shape: FlowStepShape, optional: [OptionalStepTensor: [Float]] = [:], values: (FlowStepTensor) throws -> [Float]
    ) throws {
        func counted(_ tensor: FlowStepTensor) throws -> [Float] {
            let array = try values(tensor)
            guard array.count == tensor.count(in: shape) else {
                throw FlowStepError(tensor.rawValue, "has \(array.count) values, expected \(tensor.count(in: shape))")
            }
            return array
        }
        self.shape = shape
        do {
            mixing = try InvertibleMatrix(order: shape.channels, elements: counted(.mixingWeight))
        } catch let error as InvertibleMatrixError {
            throw FlowStepError(FlowStepTensor.mixingWeight.rawValue, error.description)
        }
        mixingBias = try counted(.mixingBias)
        net0Weight = try counted(.net0Weight)
        net0Bias = try counted(.net0Bias)
        net1Weight = try counted(.net1Weight)
        net1Bias = try counted(.net1Bias)
        net2Weight = try counted(.net2Weight)
        net2Bias = try counted(.net2Bias)
        for (tensor, array) in optional where array.count != tensor.count(in: shape) {
            throw FlowStepError(tensor.rawValue, "has \(array.count) values, expected \(tensor.count(in: shape))")
        }
        self.optional = optional
    }

    /// Row-major values; nil where the step has no such tensor.
    package subscript(tensor: OptionalStepTensor) -> [Float]? { optional[tensor] }

    package subscript(tensor: FlowStepTensor) -> [Float] {
        switch tensor {
        case .mixingWeight: mixing.elements
        case .mixingBias: mixingBias
        case .net0Weight: net0Weight
        case .net0Bias: net0Bias
        case .net1Weight: net1Weight
        case .net1Bias: net1Bias
        case .net2Weight: net2Weight
        case .net2Bias: net2Bias
        }
    }
}

/// What is wrong with the parameters of a step.
package struct FlowStepError: ReglowError, Hashable {
    /// The name of the tensor at fault, after `levels.{l}.steps.{k}.`
    package let tensor: String
    package let fault: String

    init(_ tensor: String, _ fault: String) {
        self.tensor = tensor
        self.fault = fault
    }

    package var category: ReglowErrorCategory { .problem }

    package var description: String { "\(tensor): \(fault)" }
}
