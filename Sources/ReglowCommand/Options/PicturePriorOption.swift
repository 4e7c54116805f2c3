import ArgumentParser
import Reglow

/// Which model is the prior of pictures that come from outside: the one that is named, or the one that fits each picture.
struct PicturePriorOption: ParsableArguments {
    @Option(
        name: .customLong("prior"),
        help: ArgumentHelp(
            """
            The prior: the name of a shipped model (see 'reglow info') or a model file. (default: \(ShippedFiles.defaultPrior) for images \
            of \(Self.faceSize), \(ShippedFiles.photographPrior) for all others)
            """, valueName: "name-or-path"), completion: .models)
    var name: String?

    /// The size of the aligned faces that the default prior knows.
    private static let faceSize = Problem.ImageSize(height: 64, width: 64)

    /// The prior for an image of this size.
    func name(for size: Problem.ImageSize) -> String {
        name ?? (size == Self.faceSize ? ShippedFiles.defaultPrior : ShippedFiles.photographPrior)
    }

    /// Tells which prior an image got where nobody named one.
    func tell(_ chosen: String, for size: Problem.ImageSize, _ notes: Notes) {
        guard name == nil else { return }
        let reason = chosen == ShippedFiles.defaultPrior ? "aligned faces of \(size)" : "photographs"
        notes.tell("--prior", "\(chosen), the prior for \(reason); name another with --prior")
    }
}
