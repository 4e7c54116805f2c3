import ArgumentParser
import Reglow

/// Says where the solver starts.
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

    /// Returns where all solves begin, and the image that they begin at with its path; nil is what is best.
    ///
    /// - Parameters:
    ///   - seed: of a random start.
    ///   - scale: what is white in an array.
    /// - Throws: `FileError` that names the image to start at.
    func read(seed: UInt64, scale: NumberScale, notes: Notes) throws -> (point: Initialization?, file: (path: String, image: Image)?) {
        switch start {
        case nil: return (nil, nil)
        case "adjoint": return (.normalizedAdjoint, nil)
        case "zero": return (.zero, nil)
        case "random": return (.random(seed: seed), nil)
        case let path?: return (nil, (path, try readImage(path, notes, scale: scale)))
        }
    }
}
