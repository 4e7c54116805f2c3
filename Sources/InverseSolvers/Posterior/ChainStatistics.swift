import Glibc

/// How well some chains have explored a distribution, by one number of each of their draws.
///
/// Both are those of A. Gelman et al., *Bayesian Data Analysis*, third edition, 2013, sections 11.4 and 11.5: of split chains, without a
/// normalization of ranks. Each chain counts as two, its halves; a middle draw is left out.
package struct ChainStatistics {
    /// The potential scale reduction, split R-hat: about 1 where all halves have the same mean, beside the deviation within them. NaN where
    /// there are fewer than 4 draws or a draw is not finite; 1 where all draws are equal.
    package let rHat: Double
    /// How many independent draws give the mean as well. It ends with the first pair of autocorrelations whose sum is negative, as C. J. Geyer
    /// has it ("Practical Markov chain Monte Carlo", 1992), and is at most all draws times their logarithm to base 10.
    package let effectiveSamples: Double

    /// - Parameter chains: the number at each draw of each chain, all of one length.
    package init(_ chains: [[Double]]) {
        let half = (chains.first?.count ?? 0) / 2
        guard half >= 2 else {
            (rHat, effectiveSamples) = (.nan, .nan)
            return
        }
        let parts = chains.flatMap { [Array($0.prefix(half)), Array($0.suffix(half))] }
        let means = parts.map { $0.reduce(0, +) / Double(half) }
        let centred = zip(parts, means).map { part, mean in part.map { $0 - mean } }
        let within = centred.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / Double(parts.count * (half - 1))
        let mean = means.reduce(0, +) / Double(parts.count)
        let between = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(parts.count - 1)
        let total = within * Double(half - 1) / Double(half) + between
        guard total > 0 else {
            (rHat, effectiveSamples) = (total == 0 ? 1 : .nan, total == 0 ? Double(parts.count * half) : .nan)
            return
        }
        rHat = within > 0 ? (total / within).squareRoot() : .infinity

        /// The mean over the parts of the autocovariance at a lag.
        func autocovariance(_ lag: Int) -> Double {
            let sum = centred.reduce(0.0) { sum, part in
                var own = 0.0
                for index in lag ..< half { own += part[index] * part[index - lag] }
                return sum + own
            }
            return sum / Double(half * parts.count)
        }
        func autocorrelation(_ lag: Int) -> Double { 1 - (within - autocovariance(lag)) / total }
        var time = -1.0
        var former = Double.infinity
        for lag in stride(from: 0, to: half - 1, by: 2) {
            let pair = (lag == 0 ? 1 : autocorrelation(lag)) + autocorrelation(lag + 1)
            guard pair > 0 else { break }
            former = min(former, pair)
            time += 2 * former
        }
        let draws = Double(parts.count * half)
        effectiveSamples = draws / max(time, 1 / log10(draws))
    }
}
