import ArgumentParser
import Reglow

/// Which model is the prior.
struct PriorOption: ParsableArguments {
    @Option(
        name: .customLong("prior"),
        help: ArgumentHelp(
            "The prior: the name of a shipped model (see 'reglow info') or a model file.", valueName: "name-or-path"))
    var name = ShippedFiles.defaultPrior

    /// - Throws: `FileError` for a name that is neither, `ModelFileError` for a file that is no model.
    func load(_ precision: Precision) throws -> Glow {
        try Glow(path: ShippedFiles.priorPath(name), precision: precision)
    }
}
