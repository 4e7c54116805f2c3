import ArgumentParser
import Reglow

/// Which model is the prior.
struct PriorOption: ParsableArguments {
    @Option(
        name: .customLong("prior"),
        help: ArgumentHelp(
            "The prior: the name of a shipped model (see 'reglow info') or a model file.", valueName: "name-or-path"), completion: .models)
    var name = ShippedFiles.defaultPrior

    /// - Throws: `FileError` for a name that is neither, `ModelFileError` for a file that is no model.
    func load(_ engine: EngineOptions) throws -> Glow {
        try Glow(path: ShippedFiles.priorPath(name), precision: engine.precision.single(), threads: engine.parallelism.threads)
    }

    /// A restorer with this prior on the threads and in the precision of the engine.
    ///
    /// - Throws: as `load` does.
    func restorer(_ engine: EngineOptions) throws -> Restorer { try engine.restorer(name) }
}

extension EngineOptions {
    /// A restorer with this prior, a shipped name or a file, on the threads and in the precision of the engine.
    ///
    /// - Throws: `FileError` for a name that is neither, `ModelFileError` for a file that is no model.
    func restorer(_ prior: String, recorder: PhaseRecorder? = nil) throws -> Restorer {
        let path = try ShippedFiles.priorPath(prior)
        return Restorer(
            prior: try Glow(path: path, precision: precision.values, threads: parallelism.threads),
            gradientPrecision: precision.gradients, threads: parallelism.threads, recorder: recorder)
    }
}
