import ArgumentParser
import Reglow

/// Where the solver starts.
struct StartOption: ParsableArguments {
    @Option(
        name: .customLong("init"),
        help: ArgumentHelp(
            """
            Start at: adjoint (what is observed, spread back), zero (mid-grey in analysis, the latent 0 in synthesis), random (a \
            sample of the prior), or an image file. (default: adjoint in analysis, zero in synthesis)
            """, valueName: "start"))
    var start: String?

    /// The path when the start is a file.
    var file: String? { start.flatMap { ["adjoint", "zero", "random"].contains($0) ? nil : $0 } }

    /// - Parameters:
    ///   - sizes: of the images that are restored; an image to start at must have the size of all of them.
    ///   - seed: of a random start.
    /// - Throws: `FileError` that names the image to start at.
    func startingPoint(for sizes: [Problem.ImageSize], prior: Glow, seed: UInt64, notes: Notes) throws -> StartingPoint? {
        switch start {
        case nil: return nil
        case "adjoint": return .normalizedAdjoint
        case "zero": return .zero
        case "random": return .random(seed: seed)
        case let path?:
            let image = try readImage(path, notes)
            let size = Problem.ImageSize(image.shape)
            if let other = sizes.first(where: { $0 != size }) {
                throw FileError(
                    path: path, reason: "the image to start at is \(size), but the restored image is \(other) (height x width)")
            }
            return try naming(path) {
                let pixels = try image.converted(toChannels: prior.imageChannels)
                let canvas = try Cropping.padding(pixels.shape, toMultipleOf: prior.sizeMultiple)
                return .image(try canvas.adjoint(pixels.pixels.map { $0 + prior.architecture.pixelShift }))
            }
        }
    }
}
