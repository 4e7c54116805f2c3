import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct WienerPreconditionerTests {
    static let shape = ImageShape(channels: 3, height: 16, width: 16)

    static func prior(_ shape: ImageShape = shape, scale: Float = 3, shear: Float = 0) throws -> StationaryPrior {
        try StationaryPrior(
            ShearFlow(shape: shape, scale: scale, shear: shear), imageShape: shape, parallelism: Parallelism(threads: 1))
    }

    static func applied(_ preconditioner: WienerPreconditioner, to v: [Float]) -> [Float] {
        let result = Vector(count: v.count)
        preconditioner.apply(to: Vector(v), into: result)
        return result.array
    }

    @Test(arguments: [0, 1, 2, 3]) func isSymmetricAndPositive(index: Int) throws {
        let preconditioner = try WienerPreconditioner(
            try Self.prior(), forwardOperator: try Self.operators()[index], regularizationWeight: 1e-2)
        for seed in 0 ..< 4 {
            let (a, b) = (
                normalNumbers(Self.shape.count, seed: 50 + UInt64(seed)), normalNumbers(Self.shape.count, seed: 60 + UInt64(seed))
            )
            let (ha, hb) = (Self.applied(preconditioner, to: a), Self.applied(preconditioner, to: b))
            let scale = (inner(a, ha) * inner(b, hb)).squareRoot()
            #expect(inner(a, ha) > 0)
            // As far as conjugate gradients go.
            #expect(abs(inner(a, hb) - inner(b, ha)) < 0.05 * scale)
        }
    }

    /// H0 (A'A + lambda Q) v = v, with lambda Q v measured through an operator that sees nothing.
    @Test(arguments: [0, 1, 2, 3]) func invertsTheHessian(index: Int) throws {
        let (prior, weight, forwardOperator) = (try Self.prior(), 0.05, try Self.operators()[index])
        let preconditioner = try WienerPreconditioner(prior, forwardOperator: forwardOperator, regularizationWeight: weight)
        let blind = try WienerPreconditioner(
            prior, forwardOperator: BlindOperator(imageShape: Self.shape), regularizationWeight: weight)
        let w = normalNumbers(Self.shape.count, seed: 5)
        // v = (lambda Q)^-1 w, so lambda Q v = w.
        let v = Self.applied(blind, to: w)
        let measured = try forwardOperator.adjoint(forwardOperator.apply(v))
        let again = Self.applied(preconditioner, to: zip(measured, w).map { $0 + $1 })
        #expect(relativeError(again, v.map(Double.init)) < 0.05)
    }

    /// An image without noise under a weak prior is found again where it is measured, and the mean of the prior elsewhere.
    @Test func thePosteriorMeanFitsWhatIsMeasured() throws {
        let image = normalNumbers(Self.shape.count, seed: 6)
        let keep = (0 ..< Self.shape.pixels).map { $0 % 3 != 0 }
        let mask = try Mask(imageShape: Self.shape, keep: keep)
        let preconditioner = try WienerPreconditioner(try Self.prior(), forwardOperator: mask, regularizationWeight: 1e-6)
        let found = try #require(try preconditioner.posteriorMean(of: try mask.apply(image)))
        let misfit = zip(try mask.apply(found), try mask.apply(image)).map { $0 - $1 }
        #expect(inner(misfit, misfit) < 1e-3 * inner(image, image))
    }

    static func operators() throws -> [any ForwardOperator] {
        [
            try Identity(imageShape: shape), try Blur(imageShape: shape, pointSpread: .uniform(3)),
            try Mask.random(shape, missing: 0.5, seed: 1), try Downsampling(imageShape: shape, factor: 2),
        ]
    }
}
