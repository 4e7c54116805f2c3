/// How the posterior of an image is sampled.
public struct PosteriorOptions: Sendable, Hashable {
    /// Draws that are kept of each image, of all chains together. The count is raised to a multiple of `chains`.
    public var samples = 200
    /// Chains of each image, which begin apart and share the evaluations of the flow. Where they come to agree, the draws can be trusted.
    /// With a self-ensemble half of them draw from the posterior of the mirror image, and the count must be even.
    public var chains = 4
    /// Trajectories of each chain that are thrown away. The step size is learnt in them.
    public var burnIn = 20
    /// Steps of a trajectory, each of which takes one evaluation. Each draw ends a trajectory of its own.
    public var stepsPerSample = 64
    /// Levels of the quantiles, each above 0 and below 1.
    public var quantiles: [Double] = [0.05, 0.5, 0.95]
    /// The seed of the chains.
    public var seed: UInt64 = 0

    /// Fewest draws of a chain, so that its halves can be compared.
    static let leastDraws = 4

    /// Makes the standard options.
    public init() {}
}

extension PosteriorOptions {
    /// Draws of each chain.
    package var drawsOfChain: Int { (samples + chains - 1) / chains }

    /// Evaluations of each chain.
    package var evaluationsOfChain: Int { 1 + (burnIn + drawsOfChain) * stepsPerSample }

    /// - Parameter views: the problems between which the chains are divided; 2 with a self-ensemble.
    /// - Throws: `SolverError.option` for the first option out of its range.
    public func validate(views: Int = 1) throws(SolverError) {
        try require((1 ... 256).contains(chains), "chains", chains, "1 to 256")
        try require(chains.isMultiple(of: views), "chains", chains, "even with a self-ensemble")
        let least = Self.leastDraws * chains
        try require((least ... 1_000_000).contains(samples), "samples", samples, "\(Self.leastDraws) for each chain to 1000000")
        try require((1 ... 1_000_000).contains(burnIn), "burnIn", burnIn, "1 to 1000000")
        try require((1 ... 1000).contains(stepsPerSample), "stepsPerSample", stepsPerSample, "1 to 1000")
        for level in quantiles { try require(level > 0 && level < 1, "quantiles", level, "above 0 and below 1") }
    }

    private func require(_ holds: Bool, _ name: String, _ found: some CustomStringConvertible, _ required: String) throws(SolverError) {
        if !holds { throw SolverError.option(name: name, found: found.description, required: required) }
    }
}
