import TrainingReports

/// Something about a restored image that speaks against trusting it.
public struct TrustFinding: Sendable, Hashable {
    /// What was looked at.
    public enum Kind: String, Sendable, CaseIterable {
        /// The solve diverged.
        case diverged
        /// The solve ended because evaluations or time were used up, or no step went further down.
        case unfinished
        /// The search for lambda ended before its rule was fulfilled.
        case unsettledRegularization = "unsettled-regularization"
        /// `TrustStatistics.surprise` is above what the prior and sigma let expect.
        case surprising
        /// `TrustStatistics.surprise` is below it.
        case unsurprising
        /// `TrustStatistics.misfit` is above what a solve leaves.
        case misfit
        /// The energy of a level of the latent is above that of any usual image.
        case latentEnergy = "latent-energy"
        /// `TrustStatistics.roundTripError` is so large that pixels are wrong.
        case roundTrip = "round-trip"
        /// `TrustStatistics.misfit` is below what sigma lets expect of a splitting.
        case overfitted
        /// `TrustStatistics.uprightness` is below that of the pictures of a prior that are all upright.
        case notUpright = "not-upright"
        /// The chains of a posterior do not agree: `PosteriorDiagnostics.rHat`.
        case chainsDisagree = "chains-disagree"
        /// `TrustStatistics.pointSpreadGain` is above what it is by chance, by a narrower point spread than was told.
        case pointSpreadTooWide = "point-spread-too-wide"
        /// The same by a wider one.
        case pointSpreadTooNarrow = "point-spread-too-narrow"
    }

    /// What was looked at.
    public let kind: Kind
    /// How bad it is: `doubtful` or `unusable`.
    public let verdict: Trust.Verdict
    /// What was found; 0 where there is no number.
    public let value: Double
    /// What it should not be beyond.
    public let bound: Double
    /// Which level of the latent it is about, 0 the finest; nil for all else.
    public let level: Int?

    package init(_ kind: Kind, _ verdict: Trust.Verdict, value: Double = 0, bound: Double = 0, level: Int? = nil) {
        (self.kind, self.verdict, self.value, self.bound, self.level) = (kind, verdict, value, bound, level)
    }

    /// Of chains that do not agree.
    init(chains: PosteriorDiagnostics) {
        self.init(.chainsDisagree, .doubtful, value: chains.rHat, bound: PosteriorDiagnostics.largestRHat)
    }

    /// One sentence without its point.
    public var reason: String {
        let (found, limit) = (value.general(3), bound.general(3))
        return switch kind {
        case .diverged: "the solve diverged"
        case .unfinished: "the solve ended before it had converged"
        case .unsettledRegularization: "the search for lambda ended before its rule was fulfilled"
        case .surprising:
            "measurement and picture are less likely than the prior, the operator and sigma let expect (surprise \(found), at most \(limit)): "
                + "another kind of picture, another operator or more noise"
        case .unsurprising:
            "there is less in the measurement than sigma lets expect (surprise \(found), at least \(limit)): less noise than was told, or a blank picture"
        case .misfit: "the picture does not explain the measurement (misfit \(found), at most \(limit)): another operator or more noise"
        case .latentEnergy:
            "the picture is none that the prior knows, or has more noise than was told (energy \(found) in level \((level ?? 0) + 1) of the latent, at most \(limit))"
        case .roundTrip: "the prior computes the picture back with an error of \(found), more than \(limit): its numbers are too large here"
        case .overfitted:
            "the picture explains the measurement better than sigma lets expect (misfit \(found), at least \(limit)): less noise than was told"
        case .notUpright:
            value < 0
                ? "the prior finds the picture likelier upside down, by \((-value).general(3)) nats: it is, or it is none that the prior knows"
                : "the prior finds the picture hardly likelier upright than upside down (by \(found) nats, at least \(limit)): it is none that the prior knows"
        case .chainsDisagree: "the chains do not agree yet (R-hat \(found), at most \(limit)): take more burn-in and samples"
        case .pointSpreadTooWide:
            "the measurement looks as if it were less blurred than was told (a narrower point spread explains its spectrum better by \(found) nats, at most \(limit)): "
                + "another point spread, or more noise"
        case .pointSpreadTooNarrow:
            "the measurement looks as if it were more blurred than was told (a wider point spread explains its spectrum better by \(found) nats, at most \(limit)): "
                + "another point spread"
        }
    }
}

extension TrustFinding: Encodable {
    private enum CodingKeys: CodingKey { case kind, verdict, value, bound, level, reason }

    /// The numbers, and the reason.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind.rawValue, forKey: .kind)
        try container.encode(verdict.rawValue, forKey: .verdict)
        try container.encode(JSONNumber(value), forKey: .value)
        try container.encode(JSONNumber(bound), forKey: .bound)
        try container.encodeIfPresent(level, forKey: .level)
        try container.encode(reason, forKey: .reason)
    }
}
