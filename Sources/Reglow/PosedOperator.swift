import ForwardOperators
import GlowModel
import KernelInterface

/// The operator of a problem for one size and seed, from each of the unknowns that a solve may have.
///
/// Measurements that share them share the object: so a random matrix is drawn, and factorized, once.
package final class PosedOperator: Sendable {
    /// The unknown, and where in it the restored image is.
    let canvas: SceneCanvas
    let fromScene: any ForwardOperator
    let fromCanvas: any ForwardOperator
    let mirroring: Mirroring
    /// The operator from the mirror image of the canvas.
    let fromMirroredCanvas: any ForwardOperator
    /// Pixels as users have them, and as the unknown has them.
    let range: ModelRange
    /// What is not measured, or not trusted.
    let missing: MissingCount
    /// Levels of the prior.
    let levels: Int
    /// The least noise that a prior of noisy pictures was trained for; nil for one of clean pictures.
    let leastNoise: Double?
    /// Whether the prior is one of aligned pictures, such as faces.
    let hasAlignedPrior: Bool
    /// Whether the prior is one of upright pictures of the size of the canvas, which the image fills.
    let isUpright: Bool

    /// - Parameters:
    ///   - size: of the measurement.
    ///   - trusted: that of the measurement.
    /// - Throws: `OperatorError`, `ProblemError` for a problem that does not fit the size.
    init(
        _ problem: Problem, measurement size: Problem.ImageSize, seed: UInt64, trusted: [Bool]? = nil, prior: Glow,
        parallelism: Parallelism
    ) throws {
        let canvas = try SceneCanvas(problem.scene(ofMeasurement: size), prior: prior)
        let fromScene = try problem.forwardOperator(imageShape: canvas.scene.measurementShape, seed: seed, parallelism: parallelism)
            .trusting(trusted)
        (self.canvas, self.fromScene) = (canvas, fromScene)
        missing = fromScene.missingPixels
        fromCanvas = canvas.shape == fromScene.imageShape ? fromScene : try Composition(fromScene, after: canvas.scene)
        range = prior.architecture.modelRange
        levels = prior.architecture.levels
        leastNoise = prior.card.noiseLevels?.range.lowerBound
        hasAlignedPrior = prior.card.uprightSize != nil
        let place = canvas.image.measurementShape
        isUpright =
            prior.architecture.hasConstantLogDeterminant && place == canvas.shape
            && prior.card.uprightSize == Problem.ImageSize(height: place.height, width: place.width)
        mirroring = try Mirroring(imageShape: canvas.shape)
        fromMirroredCanvas = try Composition(fromCanvas, after: mirroring)
    }
}

/// The operators of one problem that are in use, and the one that was asked for last.
package struct PosedOperatorCache {
    private struct Key: Hashable {
        let size: Problem.ImageSize
        let seed: UInt64
        let trusted: [Bool]?

        init(_ measurement: ImageMeasurement) { (size, seed, trusted) = (measurement.size, measurement.seed, measurement.trusted) }
    }

    private struct Weak {
        weak var posedOperator: PosedOperator?
    }

    private let problem: Problem
    private let prior: Glow
    private let parallelism: Parallelism
    private var inUse: [Key: Weak] = [:]
    private var last: PosedOperator?

    package init(_ problem: Problem, prior: Glow, parallelism: Parallelism) {
        (self.problem, self.prior, self.parallelism) = (problem, prior, parallelism)
    }

    /// - Throws: as the initializer of `PosedOperator`.
    package mutating func posed(for measurement: ImageMeasurement) throws -> PosedOperator {
        let key = Key(measurement)
        if let found = inUse[key]?.posedOperator {
            last = found
            return found
        }
        last = nil
        inUse = inUse.filter { $0.value.posedOperator != nil }
        let made = try PosedOperator(
            problem, measurement: key.size, seed: key.seed, trusted: key.trusted, prior: prior, parallelism: parallelism)
        inUse[key] = Weak(posedOperator: made)
        last = made
        return made
    }
}

extension GlowArchitecture {
    /// Between pixels on the [0, 1] scale and the images that the flow was trained on.
    package var modelRange: ModelRange { ModelRange(pixelShift: pixelShift) }
}
