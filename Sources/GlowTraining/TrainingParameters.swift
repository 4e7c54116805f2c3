import Files
import GlowModel

/// What is fixed of a 1x1 convolution W = P L (U + S): row i of L (U + S) is row `permutation[i]` of W, and the diagonal of S has
/// these `signs`.
package struct MixingFrame: Hashable, Sendable {
    package let permutation: [Int]
    /// 1 or -1.
    package let signs: [Float]

    /// - Throws: `TrainingError` when the first is no permutation, a sign is neither 1 nor -1, or the counts differ.
    package init(permutation: [Int], signs: [Float]) throws {
        guard permutation.sorted() == Array(permutation.indices) else {
            throw TrainingError("the rows of a 1x1 convolution: \(permutation.prefix(8)) is not the start of a permutation")
        }
        guard signs.count == permutation.count, signs.allSatisfy({ abs($0) == 1 }) else {
            throw TrainingError("the signs of a 1x1 convolution must be 1 or -1, one for each of \(permutation.count) rows")
        }
        self.permutation = permutation
        self.signs = signs
    }
}

/// All parameters of a Glow as they are trained: see `TrainingTensor`. What the fixed parts are to one vector they are to its average.
package struct TrainingParameters: Sendable {
    package let layout: ParameterLayout
    /// One for each step of the layout.
    package let frames: [MixingFrame]
    /// The parameter vector.
    package var values: [Float]

    /// - Throws: `TrainingError` when the counts are not those of the architecture, or it is not one that can be trained.
    package init(architecture: GlowArchitecture, frames: [MixingFrame], values: [Float]) throws {
        try architecture.requireTrainable()
        let layout = ParameterLayout(architecture)
        guard values.count == layout.count else {
            throw TrainingError("\(values.count) parameters, the architecture has \(layout.count)")
        }
        guard frames.count == layout.steps.count,
            zip(frames, layout.steps).allSatisfy({ $0.signs.count == $1.shape.channels })
        else {
            throw TrainingError("the fixed parts of the 1x1 convolutions are not those of the architecture")
        }
        self.layout = layout
        self.frames = frames
        self.values = values
    }

    package var architecture: GlowArchitecture { layout.architecture }

    /// The numbers of one tensor of one step.
    package subscript(step: StepLayout, tensor: TrainingTensor) -> ArraySlice<Float> {
        get { values[step[tensor]] }
        set { values.replaceSubrange(step[tensor], with: newValue) }
    }
}

/// Why a training cannot start or go on.
public struct TrainingError: ReglowError, Hashable {
    public var category: ReglowErrorCategory { .training }

    public let description: String

    /// Makes an error that says this.
    public init(_ description: String) { self.description = description }
}

extension GlowArchitecture {
    /// - Throws: `TrainingError` for a flow that version 1 of the model file does not hold.
    package func requireTrainable() throws {
        guard isStandard else {
            throw TrainingError(
                "the flow needs version 2 of the model file, which restores, samples and measures, but cannot be trained: "
                    + "training has no gradient for \(variant.differences(levels: levels).joined(separator: ", "))")
        }
    }
}
