import KernelInterface

extension GoldenFile {
    /// What `glow` itself computes at one image of the model's range: what another precision of the same model is held
    /// against. Tangents and cotangents are normal numbers, the same for the same seed.
    ///
    /// - Throws: `GlowShapeError` when the model does not take the image.
    package init(
        computedBy glow: Glow, at image: [Float], shape: ImageShape, seed: UInt64 = 0, parallelism: Parallelism
    ) throws {
        let point = try glow.makeLinearization(imageShape: shape, capacity: 1, parallelism: parallelism)
        var generator = SeededGenerator(seed: seed, stream: .tangent)
        func draw() -> [Float] { (0 ..< shape.count).map { _ in Float(generator.nextNormal()) } }
        var values: [Tensor: [Double]] = [:]
        var result = [Float](repeating: 0, count: shape.count)
        func keep(_ tensor: Tensor, _ numbers: [Float]) { values[tensor] = numbers.map(Double.init) }

        var logDeterminants = [0.0]
        glow.forward(image, count: 1, recording: point, into: &result, logDeterminants: &logDeterminants)
        let latent = result
        keep(.image, image)
        keep(.latent, latent)
        values[.logDeterminant] = logDeterminants
        let (imageTangent, latentCotangent) = (draw(), draw())
        keep(.imageTangent, imageTangent)
        keep(.latentCotangent, latentCotangent)
        glow.forwardJVP(at: point, tangent: imageTangent, into: &result)
        keep(.forwardJVP, result)
        glow.forwardVJP(at: point, cotangent: latentCotangent, logDeterminantWeight: 0, into: &result)
        keep(.forwardVJP, result)
        let zero = [Float](repeating: 0, count: shape.count)
        glow.forwardVJP(at: point, cotangent: zero, logDeterminantWeight: 1, into: &result)
        keep(.logDeterminantGradient, result)

        glow.inverse(latent, count: 1, recording: point, into: &result)
        let (latentTangent, imageCotangent) = (draw(), draw())
        keep(.latentTangent, latentTangent)
        keep(.imageCotangent, imageCotangent)
        glow.inverseJVP(at: point, tangent: latentTangent, into: &result)
        keep(.inverseJVP, result)
        glow.inverseVJP(at: point, cotangent: imageCotangent, into: &result)
        keep(.inverseVJP, result)

        self.init(model: glow.card.entries["name"], count: 1, imageShape: shape, values: values)
    }
}
