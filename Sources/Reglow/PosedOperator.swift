import ForwardOperators
import GlowModel
import KernelInterface

/// The operator of a problem for one size and seed, from each of the unknowns that a solve may have.
///
/// Measurements that share them share the object: so a random matrix is drawn, and factorized, once.
package final class PosedOperator: Sendable {
    /// The smallest image around the measured one that the flow takes.
    let canvas: Cropping
    let fromImage: any ForwardOperator
    let fromCanvas: any ForwardOperator
    let mirroring: Mirroring
    /// From the mirror image of the canvas.
    let fromMirroredCanvas: any ForwardOperator
    /// What is not measured, or not trusted.
    let missing: MissingCount

    /// - Parameter trusted: that of the measurement.
    /// - Throws: `OperatorError`, `ProblemError` for a problem that does not fit the size.
    init(
        _ problem: Problem, size: Problem.ImageSize, seed: UInt64, trusted: [Bool]? = nil, prior: Glow, parallelism: Parallelism
    ) throws {
        let shape = ImageShape(channels: prior.imageChannels, height: size.height, width: size.width)
        canvas = try Cropping.padding(shape, toMultipleOf: prior.sizeMultiple)
        fromImage = try problem.forwardOperator(imageShape: shape, seed: seed, parallelism: parallelism).trusting(trusted)
        missing = fromImage.missingPixels
        fromCanvas = canvas.imageShape == shape ? fromImage : try Composition(fromImage, after: canvas)
        mirroring = try Mirroring(imageShape: canvas.imageShape)
        fromMirroredCanvas = try Composition(fromCanvas, after: mirroring)
    }
}

/// The operators of one problem that some measurements have needed.
package struct PosedOperators {
    private struct Key: Hashable {
        let height, width: Int
        let seed: UInt64
        let trusted: [Bool]?
    }

    private let problem: Problem
    private let prior: Glow
    private let parallelism: Parallelism
    private var known: [Key: PosedOperator] = [:]

    package init(_ problem: Problem, prior: Glow, parallelism: Parallelism) {
        (self.problem, self.prior, self.parallelism) = (problem, prior, parallelism)
    }

    /// - Throws: as the initializer of `PosedOperator`.
    package mutating func posed(for measurement: ImageMeasurement) throws -> PosedOperator {
        let key = try key(of: measurement)
        let size = Problem.ImageSize(height: key.height, width: key.width)
        if let found = known[key] { return found }
        let made = try PosedOperator(
            problem, size: size, seed: measurement.seed, trusted: measurement.trusted, prior: prior, parallelism: parallelism)
        known[key] = made
        return made
    }
    /// Forgets the operators that none of these measurements has.
    package mutating func keep(_ measurements: [ImageMeasurement]) {
        let needed = Set(measurements.compactMap { try? key(of: $0) })
        known = known.filter { needed.contains($0.key) }
    }

    private func key(of measurement: ImageMeasurement) throws -> Key {
        let size = try problem.imageSize(ofMeasurement: measurement.size)
        return Key(height: size.height, width: size.width, seed: measurement.seed, trusted: measurement.trusted)
    }
}
