/// The noise of one linear combination of the channels: the variance that all fine details of the weakest textured patches share.
///
/// The eigenvalues of the covariance of the details are all sigma^2 for white noise, and spread between sigma^2 (1 - sqrt(d / n))^2 and
/// sigma^2 (1 + sqrt(d / n))^2 for d details in n patches by chance (V. Marchenko and L. Pastur, 1967). An image adds to some more than to
/// others: the idea of G. Chen, F. Zhu and P. A. Heng, "An efficient statistical method for image noise level estimation" (2015). The energy of a
/// patch is then as scattered as that of Gaussian numbers with these variances; where it is more so, there is texture in it.
///
/// Of nested sets of patches, from all to the weakest thirtieth, the largest whose spectrum and scatter are those of white noise
/// gives sigma^2, the mean of the eigenvalues, if that is not above a smaller set's: a measured floor. Where there is none, the least eigenvalue bounds sigma^2 from above; over
/// the two excesses, of the spectrum's spread and of the scatter, it is taken for a bound from below.
package struct NoiseFloor {
    /// sigma^2 of this combination, or the bound from below.
    package var variance: Double
    /// A bound for sigma^2 from above: the least eigenvalue, over what chance makes of the least.
    package let boundFromAbove: Double
    /// The mean variance of a detail in the weakest set, of noise and texture.
    package let largestVariance: Double
    /// Whether the details are those of white noise.
    package let isMeasured: Bool
    /// Where they are not: whether they are spread over the patches as evenly as noise, so that it is correlated noise rather than texture.
    package let isEven: Bool
    /// The standard deviation of the estimate of sigma over sigma.
    package let relativeError: Double

    private static let subsets = [1, 0.5, 0.25, 0.12, 0.06, 0.03]
    /// What the ratio of the largest eigenvalue to the least may be over that of chance, and the scatter over that of chance.
    private static let largestSpread = 1.25
    private static let largestScatter = 1.5
    /// What the mean of the chosen set may be over that of a smaller one that is noise too.
    private static let largestGrowth = 1.1
    /// Below this scatter what is not white is correlated noise.
    private static let evenScatter = 2.0
    /// Patches that overlap count for less: of n, so many are independent in the spread of eigenvalues.
    private static let independentPart = 0.7
    /// What remains of an image in its weakest patches, as a part of sigma.
    private static let systematicError = 0.05

    /// What is seen in one of the nested sets.
    private struct Subset {
        let patches: Int
        /// Mean and least of the eigenvalues.
        let mean, least: Double
        /// Largest over least eigenvalue, over what chance gives; infinite where the least is 0 and the largest is not.
        let spread: Double
        /// The variance of the energy of a patch over that of Gaussian numbers.
        let scatter: Double

        var isNoise: Bool { mean == 0 || (spread < NoiseFloor.largestSpread && scatter < NoiseFloor.largestScatter) }
    }

    /// - Parameter combination: a unit vector of one number for each channel.
    package init(_ patches: WeakPatches, combination: [Double]) {
        let seen = Self.subsets(patches, combination)
        let weakest = seen.first ?? Subset(patches: 1, mean: 0, least: 0, spread: 1, scatter: 1)
        largestVariance = weakest.mean
        isEven = weakest.scatter < Self.evenScatter
        isMeasured = seen.contains { $0.isNoise }
        boundFromAbove = seen.map(\.least).min().map { $0 / Self.leastByChance(weakest.patches, patches.basis.count) } ?? 0
        let leastMean = seen.filter(\.isNoise).map(\.mean).min() ?? 0
        guard let index = seen.lastIndex(where: { $0.isNoise && $0.mean <= Self.largestGrowth * leastMean }) else {
            let least = seen.map(\.least).min() ?? 0
            variance = least / max(1, weakest.spread) / max(1, weakest.scatter)
            let excess = variance > 0 ? (largestVariance / variance).squareRoot() - 1 : .infinity
            relativeError = min(max(0.5, excess), NoiseEstimate.largestRelativeError)
            return
        }
        let chosen = seen[index]
        variance = chosen.mean
        // Overlapping patches hold each pixel several times.
        let area = Double(patches.step * patches.step) / Double(patches.basis.side * patches.basis.side)
        let independent = Double(chosen.patches * patches.basis.count) * min(1, area)
        let below = index > 0 ? seen[index - 1].mean : chosen.mean
        let drift = chosen.mean > 0 ? min(1, abs(1 - (below / chosen.mean).squareRoot())) : 0
        relativeError = (Self.systematicError * Self.systematicError + drift * drift + 1 / (2 * max(1, independent))).squareRoot()
    }

    /// The least eigenvalue of white noise over its variance, by chance.
    private static func leastByChance(_ patches: Int, _ details: Int) -> Double {
        let part = min(0.9, (Double(details) / (independentPart * Double(max(1, patches)))).squareRoot())
        return (1 - part) * (1 - part)
    }

    /// The nested sets, from the weakest patches to all.
    private static func subsets(_ patches: WeakPatches, _ combination: [Double]) -> [Subset] {
        let d = patches.basis.count
        let smallest = min(patches.count, patches.basis.smallestSubset)
        let sizes = Set(subsets.map { max(smallest, Int($0 * Double(patches.count))) })
        var moments = [Double](repeating: 0, count: d * d)
        var (energy, squaredEnergy) = (0.0, 0.0)
        var details = [Double](repeating: 0, count: d)
        var seen: [Subset] = []
        for patch in 0 ..< patches.count {
            for detail in 0 ..< d {
                details[detail] = 0
                for channel in 0 ..< patches.channels {
                    details[detail] += combination[channel] * patches.details[(channel * patches.count + patch) * d + detail]
                }
            }
            var sum = 0.0
            for i in 0 ..< d {
                for j in i ..< d { moments[i * d + j] += details[i] * details[j] }
                sum += details[i] * details[i]
            }
            energy += sum
            squaredEnergy += sum * sum
            if sizes.contains(patch + 1) {
                seen.append(subset(patch + 1, moments, energy, squaredEnergy, d))
            }
        }
        return seen
    }

    private static func subset(_ n: Int, _ moments: [Double], _ energy: Double, _ squaredEnergy: Double, _ d: Int) -> Subset {
        let count = Double(n)
        let eigenvalues = SymmetricEigenvalues(moments.map { $0 / count }, order: d).values.map { max(0, $0) }
        let mean = energy / count / Double(d)
        let (largest, least) = (eigenvalues.first ?? 0, eigenvalues.last ?? 0)
        guard mean > NoiseEstimate.smallestVariance else { return Subset(patches: n, mean: 0, least: 0, spread: 1, scatter: 1) }
        let part = (Double(d) / (independentPart * count)).squareRoot()
        let chance = ((1 + part) / max(0.03, 1 - part)) * ((1 + part) / max(0.03, 1 - part))
        let gaussian = 2 * eigenvalues.reduce(0) { $0 + $1 * $1 }
        let meanEnergy = energy / count
        let scatter = max(0, squaredEnergy / count - meanEnergy * meanEnergy) / gaussian
        return Subset(
            patches: n, mean: mean, least: least, spread: least > 0 ? largest / least / chance : .infinity, scatter: scatter)
    }
}
