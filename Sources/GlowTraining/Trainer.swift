import GlowModel
import KernelDispatch
import KernelInterface

/// Trains a Glow batch by batch: who owns one gives it images in the model's range and may stop, save and go on at any step.
///
/// What a training computes depends on its parameters, options and batches, not on the number of threads; and one that was saved
/// and resumed is the same, bit for bit, on the same instruction set.
package final class Trainer {
    package let options: TrainingOptions
    /// The seed for those who draw the batches; it is kept in checkpoints.
    package let seed: UInt64
    /// Steps done.
    package private(set) var step: Int
    package private(set) var parameters: TrainingParameters

    private let likelihood: LikelihoodGradient
    private var state: OptimizerState
    /// Steps that moved the parameters.
    private var updates: Int
    private var needsActnormStart: Bool
    private var gradient: [Float]
    private var skipped = 0

    /// Batches in a row without a gradient to be used after which a training is given up.
    static let mostSkipped = 20
    /// The drift of recomputed images, see `LikelihoodGradient.Evaluation`, up to which a gradient is used: as much as bf16 costs it.
    static let mostDrift = 0.02

    /// The sizes of batches, and what computes them.
    package struct Setup: Sendable {
        package var imageShape: ImageShape
        package var images: Int
        package var precision = Precision.fp32
        /// Bytes for activations: see `LikelihoodGradient.recomputation`.
        package var memoryBudget = 4 << 30
        package var threads = 1

        package init(imageShape: ImageShape, images: Int) {
            self.imageShape = imageShape
            self.images = images
        }
    }

    /// Starts a training.
    ///
    /// - Parameter startsActnorm: whether the first batch sets actnorm: for parameters that are `random`.
    /// - Throws: `TrainingError` for options out of bounds and batches that the flow does not take, and `InstructionSetError`.
    package convenience init(
        _ parameters: TrainingParameters, startsActnorm: Bool, options: TrainingOptions, seed: UInt64, setup: Setup
    ) throws {
        try self.init(
            resuming: Checkpoint(
                parameters: parameters, state: OptimizerState(starting: parameters.values), step: 0, updates: 0,
                needsActnormStart: startsActnorm, seed: seed, options: options, notes: [:]), setup: setup)
    }

    /// Goes on where a training was saved.
    ///
    /// - Throws: as the other initializer does.
    package init(resuming checkpoint: Checkpoint, setup: Setup) throws {
        try checkpoint.options.validate()
        options = checkpoint.options
        seed = checkpoint.seed
        step = checkpoint.step
        updates = checkpoint.updates
        needsActnormStart = checkpoint.needsActnormStart
        parameters = checkpoint.parameters
        state = checkpoint.state
        gradient = [Float](repeating: 0, count: parameters.values.count)
        try LikelihoodGradient.requireShape(parameters.architecture, setup.imageShape, setup.images)
        likelihood = try LikelihoodGradient(
            parameters: parameters, imageShape: setup.imageShape, images: setup.images, precision: setup.precision,
            recomputation: LikelihoodGradient.recomputation(
                within: setup.memoryBudget, architecture: parameters.architecture, imageShape: setup.imageShape,
                images: setup.images, precision: setup.precision),
            kernels: try InstructionSet.selected().table, parallelism: Parallelism(threads: setup.threads))
    }

    /// What one step gave.
    package struct Report: Sendable {
        /// 1 for the first.
        package let step: Int
        /// The batch's loss before the step; `-log2 w` is to be added for noise of width w.
        package let bitsPerDimension: Double
        /// Before it was cut.
        package let gradientNorm: Double
        package let learningRate: Double
        /// See `LikelihoodGradient.Evaluation`.
        package let drift: Double?
        /// Whether the parameters were moved: not where the loss or its gradient is not finite, nor where the drift is large.
        package let isApplied: Bool
    }

    /// How activations are had: chosen by the memory budget.
    package var recomputation: Recomputation { likelihood.recomputation }
    /// Bytes of activations and scratch.
    package var memoryBytes: Int { likelihood.bytes }

    /// The exponential moving average of the parameters: what is evaluated and kept.
    package var ema: TrainingParameters {
        var ema = parameters
        ema.values = state.ema
        return ema
    }

    /// One step on a batch (images, channels, height, width) in the model's range.
    ///
    /// - Throws: `TrainingError` when twenty batches in a row moved nothing.
    package func advance(_ batch: [Float]) throws -> Report {
        if needsActnormStart {
            likelihood.startActnorm(&parameters, from: batch)
            state.ema = parameters.values
            needsActnormStart = false
        }
        let evaluation = likelihood.evaluate(batch, parameters: parameters.values, gradient: &gradient)
        let norm = gradientNorm(gradient, parallelism: likelihood.parallelism)
        let fault = Self.fault(evaluation, gradientNorm: norm)
        step += 1
        if let fault {
            skipped += 1
            guard skipped < Self.mostSkipped else {
                throw TrainingError("step \(step): no update in \(skipped) batches in a row; in the last one \(fault)")
            }
        } else {
            updates += 1
            skipped = 0
            let clip = min(1, options.gradientNormLimit / max(norm, .leastNormalMagnitude))
            AdamUpdate(options, update: updates, clip: clip).apply(
                gradient, to: &parameters.values, &state, parallelism: likelihood.parallelism)
        }
        return Report(
            step: step, bitsPerDimension: evaluation.bitsPerDimension, gradientNorm: norm,
            learningRate: options.learningRate(step: max(1, updates)), drift: evaluation.drift, isApplied: fault == nil)
    }

    /// Why a gradient cannot be used; nil where it can.
    private static func fault(_ evaluation: LikelihoodGradient.Evaluation, gradientNorm: Double) -> String? {
        guard evaluation.bitsPerDimension.isFinite, gradientNorm.isFinite else {
            return "the loss or its gradient was not finite: try a smaller learning rate"
        }
        if let drift = evaluation.drift, drift > mostDrift {
            return "images came back from their latents with an error of \(drift): give more memory, so that nothing is computed again"
        }
        return nil
    }

    /// All that it takes to go on from here.
    ///
    /// - Parameter notes: what the owner wants to find again.
    package func checkpoint(notes: [String: String] = [:]) -> Checkpoint {
        Checkpoint(
            parameters: parameters, state: state, step: step, updates: updates, needsActnormStart: needsActnormStart, seed: seed,
            options: options, notes: notes)
    }
}
