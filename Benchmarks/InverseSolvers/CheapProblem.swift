import KernelInterface
import Reglow

/// f(x) = x: a flow that costs nothing but a copy, so that what a solver does itself is left.
struct IdentityFlow: NormalizingFlow {
    /// Images of the batch that was recorded last.
    final class Linearization {
        var count = 0
        let size: Int

        init(size: Int) { self.size = size }
    }

    let imageChannels = 3
    let sizeMultiple = 1

    func makeLinearization(imageShape: ImageShape, capacity: Int, parallelism: Parallelism) -> Linearization {
        Linearization(size: imageShape.count)
    }

    func forward(
        _ images: [Float], count: Int, recording point: Linearization,
        into latents: inout [Float], logDeterminants: inout [Double]
    ) {
        point.count = count
        for image in 0 ..< count { logDeterminants[image] = 0 }
        copy(images, into: &latents, point)
    }

    func inverse(_ latents: [Float], count: Int, recording point: Linearization, into images: inout [Float]) {
        point.count = count
        copy(latents, into: &images, point)
    }

    func forwardJVP(at point: Linearization, tangent: [Float], into latents: inout [Float]) {
        copy(tangent, into: &latents, point)
    }

    func forwardVJP(
        at point: Linearization, cotangent: [Float], logDeterminantWeight: Float, into images: inout [Float]
    ) {
        copy(cotangent, into: &images, point)
    }

    func inverseJVP(at point: Linearization, tangent: [Float], into images: inout [Float]) {
        copy(tangent, into: &images, point)
    }

    func inverseVJP(at point: Linearization, cotangent: [Float], into latents: inout [Float]) {
        copy(cotangent, into: &latents, point)
    }

    private func copy(_ source: [Float], into target: inout [Float], _ point: Linearization) {
        let count = point.count * point.size
        source.withUnsafeBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                to.update(from: from, count: count)
            }
        }
    }
}

/// y_i = d_i x_i with d from 1 down to 1/8: cheap, and no minimizer is done with it in a few steps.
struct DiagonalOperator: RawForwardOperator {
    let imageShape: ImageShape
    let diagonal: [Float]
    var measurementShape: ImageShape { imageShape }
    var isNonnegative: Bool { true }

    init(imageShape: ImageShape) {
        self.imageShape = imageShape
        diagonal = (0 ..< imageShape.count).map { 1 / (1 + 7 * Float($0) / Float(imageShape.count)) }
    }

    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        diagonal.withUnsafeBufferPointer { diagonal in
            for index in diagonal.indices { measurement[index] = diagonal[index] * image[index] }
        }
    }

    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        apply(measurement, into: image)
    }
}
