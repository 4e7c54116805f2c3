import ArgumentParser
import Reglow

/// Whether draws from the posterior are made, how many, and where what they say is written.
struct PosteriorArguments: ParsableArguments {
    @Flag(
        help: """
            Draw images from the posterior, by Markov chains that begin near the mode. The output is their mean, which is nearer to the truth, on \
            average, than the mode; it takes many more evaluations.
            """)
    var posterior = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --posterior: draws of all chains together. (default: \(PosteriorOptions().samples))", valueName: "count"))
    var samples: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            With --posterior: chains, which share the evaluations of the flow. With --self-ensemble half of them see the mirror image. \
            (default: \(PosteriorOptions().chains))
            """, valueName: "count"))
    var chains: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            With --posterior: draws of each chain that are thrown away first, while its step size is learnt. \
            (default: \(PosteriorOptions().burnIn))
            """, valueName: "count"))
    var burnIn: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            With --posterior: steps between two draws of a chain, each an evaluation. More make draws less alike. \
            (default: \(PosteriorOptions().stepsPerSample))
            """, valueName: "count"))
    var stepsPerSample: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "With --posterior: the levels of the quantiles. (default: \(PosteriorOptions().quantiles.map { "\($0)" }.joined(separator: " ")))",
            valueName: "level"))
    var quantiles: [Double] = []

    @Option(
        help: ArgumentHelp(
            """
            With --posterior: the standard deviation at each pixel, as numbers (.npy) or as a picture with a bar of colours (.png); \
            for several images a folder.
            """, valueName: "file-or-folder"), completion: .file())
    var uncertaintyOutput: String?

    @Option(
        help: ArgumentHelp(
            """
            With --posterior: a folder for the quantiles and for \(PosteriorFiles.writtenSamples) of the draws of each image, in the format of its \
            output.
            """, valueName: "folder"), completion: .directory)
    var samplesOutput: String?

    func validate() throws {
        let others: [(String, Any?)] = [
            ("--samples", samples), ("--chains", chains), ("--burn-in", burnIn), ("--steps-per-sample", stepsPerSample),
            ("--quantiles", quantiles.isEmpty ? nil : quantiles), ("--uncertainty-output", uncertaintyOutput),
            ("--samples-output", samplesOutput),
        ]
        for case (let name, _?) in others { try require(posterior, "\(name) is for --posterior") }
        _ = try options(seed: 0, views: 1)
    }

    /// How the posterior is sampled; nil gives the mode alone.
    ///
    /// - Parameter views: 2 with a self-ensemble.
    /// - Throws: `ValidationError` for a number out of its range.
    func options(seed: UInt64, views: Int) throws -> PosteriorOptions? {
        guard posterior else { return nil }
        var options = PosteriorOptions()
        if let chains { options.chains = chains }
        if let samples { options.samples = samples }
        if let burnIn { options.burnIn = burnIn }
        if let stepsPerSample { options.stepsPerSample = stepsPerSample }
        if !quantiles.isEmpty { options.quantiles = quantiles }
        options.seed = seed
        do {
            try options.validate(views: views)
        } catch {
            guard case .option(let name, let found, let required) = error else { throw error }
            throw ValidationError("\(Self.spelling(of: name)) is \(found), but must be \(required)")
        }
        return options
    }

    /// `burnIn` as `--burn-in`.
    private static func spelling(of name: String) -> String {
        "--" + name.map { $0.isUppercase ? "-\($0.lowercased())" : "\($0)" }.joined()
    }
}
