extension Objective {
    /// The largest |g(f(x)) - x| of the numbers of an image: what the rounding of both maps amounts to. One pass, for an image that came from a
    /// latent two.
    ///
    /// - Parameter unknown: what the latent was computed from: x in analysis; in synthesis x was computed from it.
    package func roundTripError(image: [Float], latent: [Float], unknown: Formulation) -> Double {
        let former = formulation
        defer { formulation = former }
        var latents = [latent]
        if unknown == .synthesis {
            formulation = .synthesis
            latents = unknowns(from: [image])
        }
        formulation = .analysis
        let back = unknowns(from: latents)[0]
        return zip(back, image).reduce(0) { max($0, Double(abs($1.0 - $1.1))) }
    }
}
