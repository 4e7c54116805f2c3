import KernelInterface

/// The maps of a Glow held against golden vectors.
package struct Verification: Sendable {
    /// Largest error of each map over the batch, relative to the largest magnitude of the golden value; keyed as in the golden
    /// file.
    package let errors: [GoldenFile.Tensor: Double]

    /// The largest of `errors`; NaN counts as infinite.
    package var worst: Double { errors.values.reduce(0) { $1.isNaN ? .infinity : max($0, $1) } }

    /// Runs every map that `golden` has a value for: `forward` at its image, and the products of the inverse at its latent.
    ///
    /// - Throws: `GlowShapeError` when the model does not take the images.
    package init(_ glow: Glow, against golden: GoldenFile, parallelism: Parallelism) throws {
        let count = golden.count
        let point = try glow.makeLinearization(imageShape: golden.imageShape, capacity: count, parallelism: parallelism)
        let size = count * golden.imageShape.count
        var result = [Float](repeating: 0, count: size)
        var logDeterminants = [Double](repeating: 0, count: count)
        var errors: [GoldenFile.Tensor: Double] = [:]

        func compare(_ tensor: GoldenFile.Tensor, _ values: [Double]) {
            guard let expected = golden[tensor] else { return }
            let scale = expected.reduce(0) { max($0, abs($1)) }
            var worst = 0.0
            for (value, exact) in zip(values, expected) {
                let error = abs(value - exact)
                worst = error.isNaN ? .infinity : max(worst, error)
            }
            errors[tensor] = scale > 0 ? worst / scale : worst
        }
        func floats(_ tensor: GoldenFile.Tensor) -> [Float]? { golden[tensor].map { $0.map(Float.init) } }

        if let images = floats(.image) {
            glow.forward(images, count: count, recording: point, into: &result, logDeterminants: &logDeterminants)
            compare(.latent, result.map(Double.init))
            compare(.logDeterminant, logDeterminants)
            if let tangent = floats(.imageTangent) {
                glow.forwardJVP(at: point, tangent: tangent, into: &result)
                compare(.forwardJVP, result.map(Double.init))
            }
            if let cotangent = floats(.latentCotangent) {
                glow.forwardVJP(at: point, cotangent: cotangent, logDeterminantWeight: 0, into: &result)
                compare(.forwardVJP, result.map(Double.init))
            }
            let zero = [Float](repeating: 0, count: size)
            glow.forwardVJP(at: point, cotangent: zero, logDeterminantWeight: 1, into: &result)
            compare(.logDeterminantGradient, result.map(Double.init))
        }
        if let latents = floats(.latent) {
            glow.inverse(latents, count: count, recording: point, into: &result)
            compare(.image, result.map(Double.init))
            if let tangent = floats(.latentTangent) {
                glow.inverseJVP(at: point, tangent: tangent, into: &result)
                compare(.inverseJVP, result.map(Double.init))
            }
            if let cotangent = floats(.imageCotangent) {
                glow.inverseVJP(at: point, cotangent: cotangent, into: &result)
                compare(.inverseVJP, result.map(Double.init))
            }
        }
        self.errors = errors
    }
}
