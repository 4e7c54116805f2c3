import CReglow
import InverseSolvers
import Reglow

extension reglow_posterior_options: VersionedStruct {
    static var name: String { "reglow_posterior_options" }

    static var defaults: reglow_posterior_options {
        let standard = PosteriorOptions()
        var options = reglow_posterior_options()
        (options.samples, options.chains, options.burn_in) = (standard.samples, standard.chains, standard.burnIn)
        options.steps_per_sample = standard.stepsPerSample
        options.quantile_count = standard.quantiles.count
        withUnsafeMutableBytes(of: &options.quantiles) { bytes in
            for (level, place) in zip(standard.quantiles, bytes.bindMemory(to: Double.self).indices) {
                bytes.storeBytes(of: level, toByteOffset: place * MemoryLayout<Double>.stride, as: Double.self)
            }
        }
        options.seed = standard.seed
        return options
    }

    /// What a caller asks of a posterior, checked, as the library has it.
    ///
    /// - Throws: a `Fault` that names the field at fault.
    func choices() throws(Fault) -> PosteriorOptions {
        try requireCount(chains, "chains", 1 ... 256)
        try requireCount(samples, "samples", 4 * chains ... 1_000_000)
        try requireCount(burn_in, "burn_in", 1 ... 1_000_000)
        try requireCount(steps_per_sample, "steps_per_sample", 1 ... 1000)
        try requireCount(quantile_count, "quantile_count", 0 ... Int(REGLOW_MOST_QUANTILES))
        var choices = PosteriorOptions()
        (choices.samples, choices.chains, choices.burnIn, choices.stepsPerSample) = (samples, chains, burn_in, steps_per_sample)
        choices.seed = seed
        choices.quantiles = withUnsafeBytes(of: quantiles) { Array($0.bindMemory(to: Double.self).prefix(quantile_count)) }
        for level in choices.quantiles {
            try require(level > 0 && level < 1, "quantiles has \(level), but each must be above 0 and below 1")
        }
        return choices
    }
}

extension reglow_posterior_facts: VersionedStruct {
    static var name: String { "reglow_posterior_facts" }
    static var defaults: reglow_posterior_facts { reglow_posterior_facts() }

    init(_ estimate: PosteriorEstimate) {
        self = .defaults
        let found = estimate.diagnostics
        (samples, quantile_count, chains) = (estimate.samples.count, estimate.quantiles.count, found.chains)
        acceptance = found.acceptance.reduce(0, +) / Double(max(1, found.acceptance.count))
        (r_hat, effective_samples, median_effective_samples) = (found.rHat, found.effectiveSamples, found.medianEffectiveSamples)
        (evaluations, seconds) = (found.evaluations, found.seconds)
    }
}
