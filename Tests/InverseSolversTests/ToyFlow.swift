import Foundation
import GlowModel
import KernelInterface
import TestSupport

/// A small flow in Double: two steps of a dense mixing Q and a coupling of the halves (a, b) of u = Q x,
///
///     b' = b e^s + t,   s = strength sin(a),  t = strength cos(a)       then + bias after the last step
///
/// With strength 0 it is linear, z = `linearPart` x + bias. Beyond `wall`, where some |x| or |z| is larger, maps give
/// NaN. In bf16 what a map gives is rounded to bfloat16.
struct ToyFlow: NormalizingFlow {
    final class Recording {
        /// u of each step, for each image.
        var mixed: [[[Double]]] = []
        var dimension = 0
    }

    struct WrongShape: Error {}

    let dimension: Int
    let strength: Double
    let wall: Float
    let precision: Precision
    let bias: [Double]
    private let mixings: [ReferenceMatrix]
    private let inverseMixings: [ReferenceMatrix]

    init(dimension: Int, strength: Double, wall: Float = .infinity, precision: Precision = .fp32, seed: UInt64 = 1) {
        self.dimension = dimension
        self.strength = strength
        self.wall = wall
        self.precision = precision
        bias = normalNumbers(dimension, seed: seed + 100).map { 0.3 * Double($0) }
        mixings = [seed, seed + 1].map { .nearIdentity(dimension, spread: 0.4, seed: $0) }
        inverseMixings = mixings.map(\.inverse)
    }

    var imageChannels: Int { 1 }
    var sizeMultiple: Int { 1 }
    func sharesPoints(with other: ToyFlow) -> Bool { dimension == other.dimension }
    var linearPart: ReferenceMatrix { mixings[1] * mixings[0] }

    func makeLinearization(imageShape: ImageShape, capacity: Int, parallelism: Parallelism) throws -> Recording {
        guard imageShape.count == dimension else { throw WrongShape() }
        return Recording()
    }

    func forward(
        _ images: [Float], count: Int, recording point: Recording, into latents: inout [Float],
        logDeterminants: inout [Double]
    ) {
        point.mixed = []
        mapEach(images, count, into: &latents, wall: wall) { image, index in
            var x = image
            var mixed: [[Double]] = []
            logDeterminants[index] = 0
            for mixing in mixings {
                let u = mixing * x
                mixed.append(u)
                logDeterminants[index] += mixing.factorized.logAbsDeterminant
                x = u
                for (a, b) in halves {
                    x[b] = u[b] * exp(s(u[a])) + t(u[a])
                    logDeterminants[index] += s(u[a])
                }
            }
            point.mixed.append(mixed)
            return zip(x, bias).map { $0 + $1 }
        }
    }

    func inverse(_ latents: [Float], count: Int, recording point: Recording, into images: inout [Float]) {
        point.mixed = []
        mapEach(latents, count, into: &images, wall: wall) { latent, _ in
            var x = zip(latent, bias).map { $0 - $1 }
            var mixed: [[Double]] = []
            for inverseMixing in inverseMixings.reversed() {
                var u = x
                for (a, b) in halves { u[b] = (x[b] - t(x[a])) * exp(-s(x[a])) }
                mixed.insert(u, at: 0)
                x = inverseMixing * u
            }
            point.mixed.append(mixed)
            return x
        }
    }

    func forwardJVP(at point: Recording, tangent: [Float], into latents: inout [Float]) {
        mapEach(tangent, point.mixed.count, into: &latents) { tangent, image in
            var dx = tangent
            for (mixing, u) in zip(mixings, point.mixed[image]) {
                dx = mixing * dx
                for (a, b) in halves { dx[b] = dx[b] * exp(s(u[a])) + slope(u[a], u[b]) * dx[a] }
            }
            return dx
        }
    }

    func forwardVJP(at point: Recording, cotangent: [Float], logDeterminantWeight: Float, into images: inout [Float]) {
        mapEach(cotangent, point.mixed.count, into: &images) { cotangent, image in
            var w = cotangent
            for (mixing, u) in zip(mixings, point.mixed[image]).reversed() {
                for (a, b) in halves {
                    w[a] += slope(u[a], u[b]) * w[b] + Double(logDeterminantWeight) * strength * cos(u[a])
                    w[b] *= exp(s(u[a]))
                }
                w = mixing.transposed * w
            }
            return w
        }
    }

    func inverseJVP(at point: Recording, tangent: [Float], into images: inout [Float]) {
        mapEach(tangent, point.mixed.count, into: &images) { tangent, image in
            var dz = tangent
            for (inverseMixing, u) in zip(inverseMixings, point.mixed[image]).reversed() {
                for (a, b) in halves { dz[b] = (dz[b] - slope(u[a], u[b]) * dz[a]) * exp(-s(u[a])) }
                dz = inverseMixing * dz
            }
            return dz
        }
    }

    func inverseVJP(at point: Recording, cotangent: [Float], into latents: inout [Float]) {
        mapEach(cotangent, point.mixed.count, into: &latents) { cotangent, image in
            var v = cotangent
            for (inverseMixing, u) in zip(inverseMixings, point.mixed[image]) {
                v = inverseMixing.transposed * v
                for (a, b) in halves {
                    v[b] *= exp(-s(u[a]))
                    v[a] -= slope(u[a], u[b]) * v[b]
                }
            }
            return v
        }
    }

    private var halves: [(a: Int, b: Int)] { (0 ..< dimension / 2).map { ($0, $0 + dimension / 2) } }
    private func s(_ a: Double) -> Double { strength * sin(a) }
    private func t(_ a: Double) -> Double { strength * cos(a) }
    /// The derivative of b' in a.
    private func slope(_ a: Double, _ b: Double) -> Double { b * exp(s(a)) * strength * cos(a) - strength * sin(a) }

    private func mapEach(
        _ input: [Float], _ count: Int, into output: inout [Float], wall: Float = .infinity,
        _ map: ([Double], Int) -> [Double]
    ) {
        for image in 0 ..< count {
            let range = image * dimension ..< (image + 1) * dimension
            let result = map(input[range].map(Double.init), image)
            let isInside = input[range].allSatisfy { abs($0) <= wall }
            for (index, value) in zip(range, result) { output[index] = isInside ? rounded(Float(value)) : .nan }
        }
    }

    private func rounded(_ value: Float) -> Float {
        precision == .fp32 ? value : BrainFloat.value(BrainFloat.bits(value))
    }
}
