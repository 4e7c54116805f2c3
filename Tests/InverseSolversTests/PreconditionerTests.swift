import ForwardOperators
import Foundation
import GlowModel
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct PreconditionerTests {
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

    static func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }

    /// z = 3 x has Q = 9 I. It is estimated from 2 x 25 squares of complex normal numbers for a frequency, and the mean of all is
    /// that of 1536 squares: 4 % off in the mean.
    @Test(arguments: [1, 3]) func theStationaryPriorOfAScalingIsItsSquare(channels: Int) throws {
        let shape = ImageShape(channels: channels, height: 16, width: 16)
        let (weight, n) = (0.5, shape.count)
        let preconditioner = try WienerPreconditioner(
            try Self.prior(shape), forwardOperator: try Identity(imageShape: shape), regularizationWeight: weight)
        let v = normalNumbers(n, seed: 3)
        let ratio = Self.dot(v, Self.applied(preconditioner, to: v)) / Self.dot(v, v)
        #expect(abs(ratio * (1 + weight * 9) - 1) < 0.15)
    }

    @Test(arguments: [0, 1, 2, 3]) func isSymmetricAndPositive(index: Int) throws {
        let preconditioner = try WienerPreconditioner(
            try Self.prior(), forwardOperator: try Self.operators()[index], regularizationWeight: 1e-2)
        for seed in 0 ..< 4 {
            let (a, b) = (
                normalNumbers(Self.shape.count, seed: 50 + UInt64(seed)), normalNumbers(Self.shape.count, seed: 60 + UInt64(seed))
            )
            let (ha, hb) = (Self.applied(preconditioner, to: a), Self.applied(preconditioner, to: b))
            let scale = (Self.dot(a, ha) * Self.dot(b, hb)).squareRoot()
            #expect(Self.dot(a, ha) > 0)
            // As far as conjugate gradients go.
            #expect(abs(Self.dot(a, hb) - Self.dot(b, ha)) < 0.05 * scale)
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

    /// Where a channel depends on the left neighbours of another, Q has cross spectra that turn with the frequency, and are
    /// conjugate on the two sides of frequency 0: Q e, for a pixel e of channel 0, is largest in channel 1 at its right neighbour.
    @Test func crossSpectraKeepTheirPhase() throws {
        let (shape, size) = (ImageShape(channels: 2, height: 32, width: 32), 32)
        let prior = try Self.prior(shape, scale: 1, shear: 0.9)
        let identity = try WienerPreconditioner(prior, forwardOperator: try Identity(imageShape: shape), regularizationWeight: 0.5)
        var pixel = [Float](repeating: 0, count: shape.count)
        pixel[10 * size + 10] = 1
        // To first order (1 + Q/2)^-1 e is e - Q e / 2.
        let answer = Self.applied(identity, to: pixel)
        let other = answer[shape.pixels...].map { abs($0) }
        let largest = try #require(other.indices.max { other[$0] < other[$1] })
        #expect(largest == 10 * size + 11)
        let mirrored = abs(answer[shape.pixels + 10 * size + 9])
        #expect(mirrored < 0.3 * other[largest])

        // The slowest wave along a row: frequency 1, whose neighbours lie on both sides of 0.
        func wave(_ shift: Double) -> [Float] {
            (0 ..< shape.pixels).map { Float(cos(2 * Double.pi * (Double($0 % size) - shift) / Double(size))) }
        }
        let moved = Array(Self.applied(identity, to: wave(0) + [Float](repeating: 0, count: shape.pixels))[shape.pixels...])
        let phase = atan2(Self.dot(moved, wave(Double(size) / 4)), Self.dot(moved, wave(0))) * Double(size) / (2 * Double.pi)
        let shift = (phase + Double(size)).truncatingRemainder(dividingBy: Double(size) / 2)
        #expect(abs(shift - 1) < 0.3, "moved by \(shift) pixels")
    }

    /// An image without noise under a weak prior is found again where it is measured, and the mean of the prior elsewhere.
    @Test func thePosteriorMeanFitsWhatIsMeasured() throws {
        let image = normalNumbers(Self.shape.count, seed: 6)
        let keep = (0 ..< Self.shape.pixels).map { $0 % 3 != 0 }
        let mask = try Mask(imageShape: Self.shape, keep: keep)
        let preconditioner = try WienerPreconditioner(try Self.prior(), forwardOperator: mask, regularizationWeight: 1e-6)
        let found = try #require(try preconditioner.posteriorMean(of: try mask.apply(image)))
        let misfit = zip(try mask.apply(found), try mask.apply(image)).map { $0 - $1 }
        #expect(Self.dot(misfit, misfit) < 1e-3 * Self.dot(image, image))
    }

    static func operators() throws -> [any ForwardOperator] {
        [
            try Identity(imageShape: shape), try Blur(imageShape: shape, pointSpread: .uniform(3)),
            try Mask.random(shape, missing: 0.5, seed: 1), try Downsampling(imageShape: shape, factor: 2),
        ]
    }
}

/// A = 0.
struct BlindOperator: RawForwardOperator {
    let imageShape: ImageShape
    var measurementShape: ImageShape { imageShape }
    var isNonnegative: Bool { true }

    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        measurement.update(repeating: 0, count: imageShape.count)
    }

    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        image.update(repeating: 0, count: imageShape.count)
    }
}

/// z = scale * x, then to channel 1 is added `shear` times channel 0, moved one pixel to the right, periodically.
private struct ShearFlow: NormalizingFlow {
    final class Recording {}
    let shape: ImageShape
    let scale: Float
    let shear: Float
    var imageChannels: Int { shape.channels }
    var sizeMultiple: Int { 1 }

    func makeLinearization(imageShape: ImageShape, capacity: Int, parallelism: Parallelism) -> Recording { Recording() }
    func forward(
        _ images: [Float], count: Int, recording point: Recording, into latents: inout [Float], logDeterminants: inout [Double]
    ) {
        forwardJVP(at: point, tangent: images, into: &latents)
    }
    func inverse(_ latents: [Float], count: Int, recording point: Recording, into images: inout [Float]) {
        inverseJVP(at: point, tangent: latents, into: &images)
    }
    func forwardJVP(at point: Recording, tangent: [Float], into latents: inout [Float]) {
        latents = sheared(tangent.map { scale * $0 }, shear)
    }
    func forwardVJP(at point: Recording, cotangent: [Float], logDeterminantWeight: Float, into images: inout [Float]) {
        images = transposed(cotangent, shear).map { scale * $0 }
    }
    func inverseJVP(at point: Recording, tangent: [Float], into images: inout [Float]) {
        images = sheared(tangent, -shear).map { $0 / scale }
    }
    func inverseVJP(at point: Recording, cotangent: [Float], into latents: inout [Float]) {
        latents = transposed(cotangent.map { $0 / scale }, -shear)
    }

    private func sheared(_ x: [Float], _ shear: Float) -> [Float] {
        var result = x
        if shear != 0 { forEachPixel { pixel, left in result[shape.pixels + pixel] += shear * x[left] } }
        return result
    }

    private func transposed(_ x: [Float], _ shear: Float) -> [Float] {
        var result = x
        if shear != 0 { forEachPixel { pixel, left in result[left] += shear * x[shape.pixels + pixel] } }
        return result
    }

    private func forEachPixel(_ body: (_ pixel: Int, _ left: Int) -> Void) {
        for row in 0 ..< shape.height {
            for column in 0 ..< shape.width {
                body(row * shape.width + column, row * shape.width + (column + shape.width - 1) % shape.width)
            }
        }
    }
}
