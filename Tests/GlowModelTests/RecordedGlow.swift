import GlowModel
import KernelInterface

/// A Glow with memory for a batch, its maps from array to array. Results hold NaN first, so that what is not written shows.
struct RecordedGlow {
    let glow: Glow
    let point: GlowLinearization

    init(_ glow: Glow, _ shape: ImageShape, capacity: Int = 1, threads: Int = 1) throws {
        self.glow = glow
        point = try glow.makeLinearization(
            imageShape: shape, capacity: capacity, parallelism: Parallelism(threads: threads))
    }

    /// The maps of this Glow at points that another recorded.
    init(_ glow: Glow, at point: GlowLinearization) {
        self.glow = glow
        self.point = point
    }

    private func filled(_ count: Int, _ body: (inout [Float]) -> Void) -> [Float] {
        var result = [Float](repeating: .nan, count: count)
        body(&result)
        return result
    }

    /// The number of images that an array holds.
    private func images(_ values: [Float]) -> Int { values.count / point.imageShape.count }

    func forward(_ images: [Float]) -> (latents: [Float], logDeterminants: [Double]) {
        var logDeterminants = [Double](repeating: .nan, count: self.images(images))
        let latents = filled(images.count) {
            glow.forward(
                images, count: self.images(images), recording: point, into: &$0, logDeterminants: &logDeterminants)
        }
        return (latents, logDeterminants)
    }

    func inverse(_ latents: [Float]) -> [Float] {
        filled(latents.count) { glow.inverse(latents, count: images(latents), recording: point, into: &$0) }
    }

    func forwardJVP(_ tangent: [Float]) -> [Float] {
        filled(tangent.count) { glow.forwardJVP(at: point, tangent: tangent, into: &$0) }
    }

    func forwardVJP(_ cotangent: [Float], logDeterminantWeight: Float = 0) -> [Float] {
        filled(cotangent.count) {
            glow.forwardVJP(at: point, cotangent: cotangent, logDeterminantWeight: logDeterminantWeight, into: &$0)
        }
    }

    func inverseJVP(_ tangent: [Float]) -> [Float] {
        filled(tangent.count) { glow.inverseJVP(at: point, tangent: tangent, into: &$0) }
    }

    func inverseVJP(_ cotangent: [Float]) -> [Float] {
        filled(cotangent.count) { glow.inverseVJP(at: point, cotangent: cotangent, into: &$0) }
    }
}

extension RecordedGlow {
    /// The bits of everything that a batch gives: both value maps and all products at both points.
    func allBits(images: [Float], latents: [Float], vectors: [Float]) -> [[UInt64]] {
        let forward = self.forward(images)
        var results = [forward.latents]
        func products() -> [[Float]] {
            [forwardJVP(vectors), forwardVJP(vectors, logDeterminantWeight: 0.5), inverseJVP(vectors), inverseVJP(vectors)]
        }
        results += products()
        results.append(inverse(latents))
        results += products()
        return results.map { $0.map { UInt64($0.bitPattern) } } + [forward.logDeterminants.map(\.bitPattern)]
    }
}
