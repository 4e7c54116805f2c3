import InverseSolvers

/// Whether a restored image can be trusted, as far as the measurement, the prior and the solve can tell without the truth.
///
/// The first of its grounds is `TrustStatistics.surprise`, whose distribution is known where the prior is nearly Gaussian around the image, for any
/// operator: its bounds are a few of its standard deviations and what real images differ from samples of the prior, which was
/// measured on faces (perf/docs/trust.md). An image that is `ok` may still be wrong where the measurement says nothing.
public struct Trust: Sendable, Hashable {
    /// The word for it.
    public enum Verdict: String, Sendable, CaseIterable, Comparable, Encodable {
        /// Nothing speaks against the image.
        case ok
        /// Something does; look at it.
        case doubtful
        /// It is not what the solver was asked for.
        case unusable

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// Whether the first is the better one.
        public static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }
    }

    /// What speaks against the image, the worst first.
    public let findings: [TrustFinding]
    /// What was measured; nil for an image that was restored in windows, each with its own.
    public let statistics: TrustStatistics?

    /// The worst of the findings; ok where there are none.
    public var verdict: Verdict { findings.map(\.verdict).max() ?? .ok }

    /// Why the verdict is not ok, a sentence each.
    public var reasons: [String] { findings.map(\.reason) }

    /// One line: `ok`, or `doubtful: ` and the reasons.
    public var text: String { verdict.rawValue + (findings.isEmpty ? "" : ": " + reasons.joined(separator: "; ")) }

    package init(_ findings: [TrustFinding], _ statistics: TrustStatistics?) {
        self.findings = findings.filter { $0.verdict == .unusable } + findings.filter { $0.verdict != .unusable }
        self.statistics = statistics
    }
}

extension Trust {
    /// - Parameter solves: both of a self-ensemble; the statistics are those of the first.
    init(_ statistics: TrustStatistics, of solves: [Restoration]) {
        var findings: [TrustFinding] = []
        if solves.contains(where: { $0.stop == .diverged }) {
            findings.append(TrustFinding(.diverged, .unusable))
        } else if solves.contains(where: { Self.unfinished.contains($0.stop) }) {
            findings.append(TrustFinding(.unfinished, .doubtful))
        }
        if solves.contains(where: { !$0.isRegularizationSettled }) { findings.append(TrustFinding(.unsettledRegularization, .doubtful)) }
        self.init(findings + TrustBands.findings(statistics), statistics)
    }

    private static let unfinished: Set<StopReason> = [.budget, .time]

    /// Of a picture of which nothing is known yet.
    static let unknown = Trust([], nil)

    /// Of a picture that was restored in windows: the finding of each kind and level that is the worst of any window.
    package init(windows: [Trust]) {
        var worst: [TrustFinding] = []
        for finding in windows.flatMap(\.findings) {
            guard let index = worst.firstIndex(where: { $0.kind == finding.kind && $0.level == finding.level }) else {
                worst.append(finding)
                continue
            }
            if finding.isWorse(than: worst[index]) { worst[index] = finding }
        }
        self.init(worst, nil)
    }
}

extension Trust {
    /// The same with more that speaks against the image.
    func adding(_ more: [TrustFinding]) -> Trust { Trust(findings + more, statistics) }
}

extension TrustFinding {
    fileprivate func isWorse(than other: TrustFinding) -> Bool {
        if verdict != other.verdict { return verdict > other.verdict }
        return abs(value - bound) > abs(other.value - other.bound)
    }
}

extension Trust: Encodable {
    private enum CodingKeys: CodingKey { case verdict, reasons, findings, statistics }

    /// The verdict with its reasons, and the numbers behind it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(reasons, forKey: .reasons)
        try container.encode(findings, forKey: .findings)
        try container.encodeIfPresent(statistics, forKey: .statistics)
    }
}
