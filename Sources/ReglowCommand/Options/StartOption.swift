import ArgumentParser
import Reglow

/// Where the solver starts.
struct StartOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Start at: adjoint (what is observed, spread back), zero (mid-grey in analysis, the latent 0 in synthesis), random (a \
            sample of the prior), or an image file. (default: adjoint in analysis, zero in synthesis)
            """, valueName: "start"), completion: .pictures)
    var start: String?

    /// The path when the start is a file.
    var file: String? { start.flatMap { ["adjoint", "zero", "random"].contains($0) ? nil : $0 } }

    /// Nil is what is best; `size` is that of the image to start at, where it is a file. Around it its outermost
    /// pixels go on.
    ///
    /// - Parameters:
    ///   - prior: the prior of images of a size.
    ///   - seed: of a random start.
    ///   - scale: what is white in an array.
    /// - Throws: `FileError` that names the image to start at.
    func read(
        _ problem: Problem, prior: (Problem.ImageSize) throws -> Glow, seed: UInt64, scale: NumberScale, notes: Notes
    ) throws -> (point: Initialization, file: (path: String, size: Problem.ImageSize)?)? {
        switch start {
        case nil: return nil
        case "adjoint": return (.normalizedAdjoint, nil)
        case "zero": return (.zero, nil)
        case "random": return (.random(seed: seed), nil)
        case let path?:
            let image = try readImage(path, notes, scale: scale)
            let prior = try prior(Problem.ImageSize(image.shape))
            return try naming(path) {
                let pixels = try image.converted(toChannels: prior.imageChannels)
                let scene = try problem.scene(around: Problem.ImageSize(image.shape))
                let canvas = try SceneCanvas(scene, prior: prior).extending(pixels.pixels)
                return (.image(canvas.map { $0 + prior.architecture.pixelShift }), (path, scene.image))
            }
        }
    }
}
