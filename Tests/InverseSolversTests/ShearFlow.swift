import GlowModel
import KernelInterface

/// z = scale * x, then to channel 1 is added `shear` times channel 0, moved one pixel to the right, periodically.
struct ShearFlow: NormalizingFlow {
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
