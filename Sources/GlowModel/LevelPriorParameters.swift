import Files

/// What the learned prior of a level is made of: the mean mu and the logarithm ls of the deviation of its latent block.
package enum LevelPriorForm: Hashable, Sendable {
    /// The sum of those tensors that are there: weight, bias and border.
    case convolution(Set<LevelPriorTensor>)
    /// A number of its own for each latent value, of so many rows and columns.
    case map(height: Int, width: Int)

    /// The tensors that a file has of it.
    var tensors: Set<LevelPriorTensor> {
        switch self {
        case .convolution(let tensors): tensors
        case .map: [.map]
        }
    }

    /// Whether mu and ls are the same for all images.
    package var isConstant: Bool { !tensors.contains(.weight) }
}

/// The sizes of a learned prior: Y channels that the level keeps, Z that it sends to the latent.
package struct LevelPriorShape: Hashable, Sendable {
    package let form: LevelPriorForm
    /// Y, 0 on the last level.
    package let inputs: Int
    /// Z
    package let channels: Int

    package var parameterCount: Int { form.tensors.reduce(0) { $0 + $1.count(in: self) } }

    /// The multiply-accumulates for each pixel.
    var multiplyAccumulates: Int { form.isConstant ? 0 : LevelPriorTensor.weight.count(in: self) }
}

/// The tensors of a learned prior, named as in a model file after `levels.{l}.prior.`
package enum LevelPriorTensor: String, Sendable, CaseIterable {
    case weight, bias, border, map

    /// Row-major, mu before ls; a weight is (output, input, row, column).
    package func dimensions(in shape: LevelPriorShape) -> [Int] {
        let outputs = 2 * shape.channels
        switch self {
        case .weight: return [outputs, shape.inputs, 3, 3]
        case .bias: return [outputs]
        case .border: return [outputs, 3, 3]
        case .map:
            guard case .map(let height, let width) = shape.form else { return [outputs, 0, 0] }
            return [outputs, height, width]
        }
    }

    func count(in shape: LevelPriorShape) -> Int { dimensions(in: shape).reduce(1, *) }

    func name(level: Int) -> String { "levels.\(level).prior.\(rawValue)" }
}

/// The weights of a learned prior.
///
/// With y the half that the level keeps and v the half that it sends, (mu, ls) are the halves of conv3x3(y) + bias + border, or
/// of the map, and the latent block is
///
///     z = (v - mu) e^-ls        log|det| -= sum ls        v = mu + z e^ls
///
/// so that every number of the latent is standard normal under the model.
package struct LevelPriorParameters: Sendable {
    package let shape: LevelPriorShape
    private let values: [LevelPriorTensor: [Float]]

    /// Asks `values` once for each tensor of the form.
    ///
    /// - Throws: what `values` throws, and `LevelPriorError` where a tensor has not the count of its shape.
    package init(shape: LevelPriorShape, values: (LevelPriorTensor) throws -> [Float]) throws {
        self.shape = shape
        var taken: [LevelPriorTensor: [Float]] = [:]
        for tensor in LevelPriorTensor.allCases where shape.form.tensors.contains(tensor) {
            let array = try values(tensor)
            guard array.count == tensor.count(in: shape) else {
                throw LevelPriorError(tensor: tensor, fault: "has \(array.count) values, expected \(tensor.count(in: shape))")
            }
            taken[tensor] = array
        }
        self.values = taken
    }

    /// Row-major values; nil where the form has no such tensor.
    package subscript(tensor: LevelPriorTensor) -> [Float]? { values[tensor] }
}

/// What is wrong with the parameters of a prior.
package struct LevelPriorError: ReglowError, Hashable {
    package let tensor: LevelPriorTensor
    package let fault: String

    package var category: ReglowErrorCategory { .problem }

    package var description: String { "prior.\(tensor.rawValue): \(fault)" }
}
