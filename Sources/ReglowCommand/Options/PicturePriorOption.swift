import ArgumentParser
import Reglow

/// Which model is the prior of pictures that come from outside: the one that is named, or the one that fits each picture.
struct PicturePriorOption: ParsableArguments {
    @Option(
        name: .customLong("prior"),
        help: ArgumentHelp(
            """
            The prior: the name of a shipped model (see 'reglow info') or a model file. (default: \(ShippedFiles.defaultPrior) for images \
            of \(ShippedFiles.faceSize); for all others \(ShippedFiles.photographPrior), and \(ShippedFiles.noisyPhotographPrior) to denoise them)
            """, valueName: "name-or-path"), completion: .models)
    var name: String?
}
