import InverseSolvers

/// The bounds of what is usual: beyond them something speaks against an image.
///
/// Chosen on images for validation, see perf/docs/trust.md: none of these numbers is of an image that rates are reported on.
package enum TrustBands {
    /// What a number may be without a doubt, and beyond which the image is unusable.
    fileprivate struct Bound {
        var doubtful: Double
        var unusable: Double

        func shifted(by spread: Double) -> Bound { Bound(doubtful: doubtful + spread, unusable: unusable + spread) }
        func scaled(by factor: Double) -> Bound { Bound(doubtful: doubtful * factor, unusable: unusable * factor) }
    }

    /// The bounds of what results of one kind have.
    private struct Limits {
        /// Of `surprise`.
        var leastSurprise, mostSurprise: Bound?
        /// Of `misfit`.
        var leastMisfit: Bound?
        var mostMisfit: Bound
        /// Of the energy of the two finest levels, where noise is, for a noise that is known; and of any level.
        var mostFineEnergy: Bound?
        var mostEnergy: Bound
    }

    private static func limits(_ statistics: TrustStatistics) -> Limits {
        switch statistics.estimate {
        case .minimum where !statistics.hasAlignedPrior:
            Limits(
                leastSurprise: Bound(doubtful: 0.15, unusable: 0.05), mostSurprise: Bound(doubtful: 6, unusable: 12),
                mostMisfit: Bound(doubtful: 2, unusable: 4), mostEnergy: Bound(doubtful: 5, unusable: 12))
        case .minimum:
            Limits(
                leastSurprise: Bound(doubtful: 0.6, unusable: 0.2), mostSurprise: Bound(doubtful: 1.3, unusable: 2),
                mostMisfit: Bound(doubtful: 1.25, unusable: 2), mostEnergy: Bound(doubtful: 1.6, unusable: 4))
        case .mean:
            Limits(
                leastSurprise: Bound(doubtful: 0.75, unusable: 0.2), mostSurprise: Bound(doubtful: 1.5, unusable: 4),
                mostMisfit: Bound(doubtful: 1.25, unusable: 4), mostFineEnergy: Bound(doubtful: 1.5, unusable: 4),
                mostEnergy: Bound(doubtful: 3, unusable: 9))
        case .splitting:
            Limits(
                leastMisfit: Bound(doubtful: 0.3, unusable: 0.05), mostMisfit: Bound(doubtful: 2, unusable: 4),
                mostFineEnergy: Bound(doubtful: 1.15, unusable: 4), mostEnergy: Bound(doubtful: 3, unusable: 9))
        }
    }

    private static let fineLevels = 2
    /// Standard deviations that are added: of a mean of squares of M numbers one is sqrt(2 / M).
    private static let deviations = 3.0
    /// Of the error of a pixel: a quarter of a step of 8 bits, and four steps.
    private static let roundTrip = Bound(doubtful: 0.25 / 255, unusable: 4.0 / 255)
    /// Of `uprightness`, in nats, at least. What is upside down is not unusable for that.
    private static let uprightness = Bound(doubtful: 20, unusable: -.infinity)
    /// Of `pointSpreadGain`, in nats. Sharpening what was less blurred ruins it; what was more blurred stays a little unsharp.
    private static let pointSpreadTooWide = Bound(doubtful: 20, unusable: 100)
    private static let pointSpreadTooNarrow = Bound(doubtful: 20, unusable: .infinity)

    package static func findings(_ statistics: TrustStatistics) -> [TrustFinding] {
        let (limits, noise) = (limits(statistics), statistics.noise)
        let spread = spread(statistics.measured)
        var findings: [TrustFinding?] = []
        if let surprise = statistics.surprise, noise.isKnown {
            let most = limits.mostSurprise?.shifted(by: spread).scaled(by: max(1, noise.ratio.upperBound))
            let least = limits.leastSurprise?.shifted(by: -spread).scaled(by: min(1, noise.ratio.lowerBound))
            findings.append(most.flatMap { above($0, surprise, .surprising) })
            findings.append(noise.isBelowPrior ? nil : least.flatMap { below($0, surprise, .unsurprising) })
        }
        // Where sigma is but a bound, the noise that there may be explains as much more.
        findings.append(above(limits.mostMisfit.shifted(by: spread).scaled(by: noise.mostMisfit), statistics.misfit, .misfit))
        if noise.isKnown, !noise.isBelowPrior {
            findings.append(limits.leastMisfit.flatMap { below($0.shifted(by: -spread), statistics.misfit, .overfitted) })
        }
        for (index, level) in statistics.levels.enumerated() {
            let fine = noise.isKnown && index < fineLevels ? limits.mostFineEnergy : nil
            let most = (fine ?? limits.mostEnergy).shifted(by: self.spread(level.count))
            findings.append(above(most, level.energy, .latentEnergy, level: index))
        }
        findings.append(statistics.roundTripError.flatMap { above(roundTrip, $0, .roundTrip) })
        findings.append(statistics.uprightness.flatMap { below(uprightness, $0, .notUpright) })
        if noise.isKnown, let gain = statistics.pointSpreadGain {
            let isNarrower = statistics.pointSpreadWidth.map { $0 < 1 } ?? false
            findings.append(
                isNarrower
                    ? above(pointSpreadTooWide, gain, .pointSpreadTooWide) : above(pointSpreadTooNarrow, gain, .pointSpreadTooNarrow))
        }
        return findings.compactMap { $0 }
    }

    private static func spread(_ count: Int) -> Double { deviations * (2 / Double(max(1, count))).squareRoot() }

    /// Of a number that should not be above a bound. What is not a number is beyond any.
    private static func above(_ bound: Bound, _ value: Double, _ kind: TrustFinding.Kind, level: Int? = nil) -> TrustFinding? {
        guard !(value <= bound.doubtful) else { return nil }
        let isUnusable = !(value <= bound.unusable)
        return TrustFinding(
            kind, isUnusable ? .unusable : .doubtful, value: value, bound: isUnusable ? bound.unusable : bound.doubtful, level: level)
    }

    /// Of a number that should not be below a bound.
    private static func below(_ bound: Bound, _ value: Double, _ kind: TrustFinding.Kind) -> TrustFinding? {
        guard value < bound.doubtful else { return nil }
        let isUnusable = value < bound.unusable
        return TrustFinding(kind, isUnusable ? .unusable : .doubtful, value: value, bound: isUnusable ? bound.unusable : bound.doubtful)
    }
}
