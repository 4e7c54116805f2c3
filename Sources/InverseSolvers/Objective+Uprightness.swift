import ForwardOperators
import KernelInterface

extension Objective {
    /// How much likelier an image is as it stands than upside down, in nats, to a flow whose log-determinant is the same for all images. Both are made
    /// unsharp before, the same way: an image that was fitted as it stands has details by which any is likelier than what it would be turned over. One
    /// pass for both, or two where there is room for one, in the gradient precision: its errors are small beside what is looked for.
    ///
    /// - Returns: 1/2 |f(T B x)|^2 - 1/2 |f(B x)|^2 with B the blur and T the turn; nil for an image too small for the blur.
    package func uprightness(of image: [Float]) -> Double? {
        guard let pointSpread = try? PointSpread.gaussian(sigma: Self.unsharpDeviation),
            let blur = try? Blur(imageShape: imageShape, pointSpread: pointSpread, border: .reflect),
            let upright = try? blur.apply(image)
        else { return nil }
        let former = formulation
        defer { formulation = former }
        formulation = .synthesis
        let latents = unknowns(from: [upright, upsideDown(upright)], isInGradientPrecision: true)
        let energies = latents.map { $0.reduce(0) { $0 + Double($1) * Double($1) } / 2 }
        return energies[1] - energies[0]
    }

    /// The deviation of the blur, in pixels.
    private static var unsharpDeviation: Double { 2 }

    private func upsideDown(_ image: [Float]) -> [Float] {
        let (height, width) = (imageShape.height, imageShape.width)
        return (0 ..< imageShape.channels * height).flatMap { row in
            let (channel, line) = (row / height, row % height)
            let first = (channel * height + height - 1 - line) * width
            return image[first ..< first + width]
        }
    }
}
