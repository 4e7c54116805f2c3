import ArgumentParser
import Reglow

/// Which model is the prior of pictures that come from outside: the one that is named, or the one that fits each picture.
struct PicturePriorOption: ParsableArguments {
    @Option(
        name: .customLong("prior"),
        help: ArgumentHelp(
            """
            The prior: the name of a shipped model (see 'reglow info') or a model file. (default: REGLOW_PRIOR of the environment, else \
            \(ShippedFiles.facePrior) for images of \(ShippedFiles.faceSize), for all others \(ShippedFiles.noisyPhotographPrior), and \
            \(ShippedFiles.photographPrior) where a solver, a tolerance, the full map or a search for lambda is asked for)
            """, valueName: "name-or-path"), completion: .models)
    var name: String?
}
