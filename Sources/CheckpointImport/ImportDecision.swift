import Glibc

/// How a setting of an import came to its value.
public struct ImportDecision: Hashable, Sendable, Encodable {
    /// Who said it.
    public enum Source: String, Hashable, Sendable, Encodable {
        /// The caller.
        case given
        /// The configuration beside the checkpoint.
        case configuration
        /// The images of the probe, which the model with this value finds likelier.
        case probe
    }

    /// The name of the setting, as `ImportSettings.set` takes it.
    public let key: String
    /// Its value.
    public let value: String
    /// Who said it.
    public let source: Source
    /// By how many bits per dimension the best other value is less likely; nil where there was no probe.
    public let margin: Double?
}

/// What the images of a probe say about a reading of a checkpoint.
package struct ProbeScore: Sendable {
    /// -log2 p(x) / n + b, the mean over the images.
    package let bits: Double
    /// The mean square of the moved half of the last latent block: 1 under the model.
    package let meanSquare: Double

    package init(bits: Double, meanSquare: Double) { (self.bits, self.meanSquare) = (bits, meanSquare) }
}

/// One way to read a checkpoint of glowip, whose files leave the order of the squeezes and the offsets of the scales open.
package struct ImportHypothesis: Hashable, Sendable {
    package let squeeze: ImportSettings.Squeeze
    package let lastOffset: Double
    package let scaleOffset: Double

    /// The model in this reading.
    package func applied(to model: FoldedFlow) -> FoldedFlow {
        var model = model
        let last = model.levels.count - 1
        model.squeeze = model.levels.indices.map { level in
            switch squeeze {
            case .interleaved: .interleaved
            case .contiguous: .contiguous
            case .contiguousButLast: level == last ? .interleaved : .contiguous
            }
        }
        for level in model.levels.indices {
            for step in model.levels[level].indices {
                let isLast = level == last && step == model.levels[level].count - 1
                model.levels[level][step].scaleOffset = Float(isLast ? lastOffset : scaleOffset)
            }
        }
        return model
    }
}

/// The readings of a checkpoint that its file and its settings leave, and the choice among them.
package struct ImportChoice: Sendable {
    /// All that differ; the first is that of the settings, with the first value of what they leave open.
    package let hypotheses: [ImportHypothesis]
    private let settings: ImportSettings
    private let isAffine: Bool
    private let offsets: [Double]

    /// Bits per dimension by which one order of the squeezes must beat every other.
    package static let squeezeMargin = 0.5
    /// Bits per dimension by which one offset must beat every other.
    package static let offsetMargin = 0.05

    /// Returns nil for a family that leaves nothing of this open.
    ///
    /// - Throws: `CheckpointError` for offsets of an additive model.
    package init?(
        _ checkpoint: GlowCheckpoint, _ model: FoldedFlow, _ settings: ImportSettings, _ configuration: ImportConfiguration
    ) throws {
        guard checkpoint.family == .glowip else { return nil }
        isAffine = model.architecture.coupling == .affine
        if !isAffine, settings.lastOffset != nil || settings.scaleOffset != nil {
            throw CheckpointError(path: checkpoint.path, reason: "is additive, so its scales have no offset to be set")
        }
        self.settings = settings
        // With one level it is the same as interleaved.
        var orders = ImportSettings.Squeeze.allCases.filter { $0 != .contiguousButLast || model.levels.count > 1 }
        if let order = settings.squeeze { orders = [order] }
        var lastOffsets: [Double] = isAffine ? [0, 1] : [0]
        if let offset = settings.lastOffset { lastOffsets = [offset] }
        var offsets = [settings.scaleOffset ?? 0]
        if isAffine, settings.scaleOffset == nil, let bias = configuration.number("coupling_bias"), (0 ... 100).contains(bias), bias != 0 {
            offsets.append(bias)
        }
        self.offsets = offsets
        var hypotheses: [ImportHypothesis] = []
        for order in orders {
            for last in lastOffsets {
                for scale in offsets { hypotheses.append(ImportHypothesis(squeeze: order, lastOffset: last, scaleOffset: scale)) }
            }
        }
        self.hypotheses = hypotheses
    }

    /// Whether there is something to be found out.
    package var isOpen: Bool { hypotheses.count > 1 }

    /// What to say where there are no images to find it out.
    package var question: String {
        var open: [String] = []
        if settings.squeeze == nil {
            let orders = Set(hypotheses.map(\.squeeze.rawValue)).sorted()
            open.append("squeeze (\(orders.joined(separator: ", ")))")
        }
        if isAffine, settings.lastOffset == nil { open.append("last-offset (0, 1)") }
        if offsets.count > 1 { open.append("scale-offset (\(offsets.map(ImportSettings.written).joined(separator: ", ")))") }
        return "the file does not say \(open.joined(separator: " and ")): give images that the model was trained on as a probe, or set "
            + (open.count == 1 ? "it" : "them")
    }

    /// The choice without a probe, where nothing is open.
    package func given() -> (hypothesis: ImportHypothesis, decisions: [ImportDecision])? {
        guard hypotheses.count == 1 else { return nil }
        return (hypotheses[0], decisions(hypotheses[0], squeeze: nil, last: nil, scale: nil))
    }

    /// The choice by scores, one for each hypothesis in order.
    ///
    /// - Returns: nil where the margins are too small, or bits and mean square disagree.
    package func decide(_ scores: [ProbeScore]) -> (hypothesis: ImportHypothesis, decisions: [ImportDecision])? {
        let scored = Array(zip(hypotheses, scores))
        guard scored.count == hypotheses.count, let best = scored.filter({ $0.1.bits.isFinite }).min(by: { $0.1.bits < $1.1.bits }) else {
            return nil
        }
        /// By how much the best of those that differ in something is less likely; infinite where none does.
        func margin(_ differs: (ImportHypothesis) -> Bool) -> Double {
            let others = scored.filter { differs($0.0) }.map { $0.1.bits.isNaN ? .infinity : $0.1.bits }
            return (others.min() ?? .infinity) - best.1.bits
        }
        let chosen = best.0
        let squeeze = margin { $0.squeeze != chosen.squeeze }
        let last = margin { $0.squeeze == chosen.squeeze && $0.lastOffset != chosen.lastOffset }
        let scale = margin { $0.squeeze == chosen.squeeze && $0.scaleOffset != chosen.scaleOffset }
        guard squeeze >= Self.squeezeMargin, last >= Self.offsetMargin, scale >= Self.offsetMargin else { return nil }
        let rivals = scored.filter { $0.0.squeeze == chosen.squeeze && $0.0.scaleOffset == chosen.scaleOffset }
        func distance(_ score: ProbeScore) -> Double { abs(log(score.meanSquare)) }
        guard rivals.allSatisfy({ $0.0 == chosen || !(distance($0.1) < distance(best.1)) }) else { return nil }
        return (chosen, decisions(chosen, squeeze: squeeze, last: last, scale: scale))
    }

    /// The hypotheses with their scores, for an error: the likeliest first.
    package func listed(_ scores: [ProbeScore]) -> String {
        zip(hypotheses, scores).sorted { $0.1.bits < $1.1.bits }.prefix(6).map { hypothesis, score in
            var words = ["squeeze=\(hypothesis.squeeze.rawValue)"]
            if isAffine { words.append("last-offset=\(ImportSettings.written(hypothesis.lastOffset))") }
            if offsets.count > 1 { words.append("scale-offset=\(ImportSettings.written(hypothesis.scaleOffset))") }
            return "\(words.joined(separator: " ")): \(Self.rounded(score.bits)) bits, mean square \(Self.rounded(score.meanSquare))"
        }.joined(separator: "; ")
    }

    private static func rounded(_ number: Double) -> String {
        number.isFinite && abs(number) < 1e6 ? String((number * 100).rounded() / 100) : "\(Float(number))"
    }

    private func decisions(_ chosen: ImportHypothesis, squeeze: Double?, last: Double?, scale: Double?) -> [ImportDecision] {
        func decision(_ key: ImportSettings.Key, _ value: String, isGiven: Bool, margin: Double?) -> ImportDecision {
            ImportDecision(
                key: key.rawValue, value: value, source: isGiven ? .given : .probe,
                margin: margin.flatMap { $0.isFinite && !isGiven ? $0 : nil })
        }
        var decisions = [decision(.squeeze, chosen.squeeze.rawValue, isGiven: settings.squeeze != nil, margin: squeeze)]
        guard isAffine else { return decisions }
        decisions.append(
            decision(.lastOffset, ImportSettings.written(chosen.lastOffset), isGiven: settings.lastOffset != nil, margin: last))
        if offsets.count > 1 || settings.scaleOffset != nil {
            decisions.append(
                decision(.scaleOffset, ImportSettings.written(chosen.scaleOffset), isGiven: settings.scaleOffset != nil, margin: scale))
        }
        return decisions
    }
}

extension ImportSettings {
    /// Those that are set, as decisions of the caller.
    package var given: [ImportDecision] {
        assigned.map { ImportDecision(key: $0.key.rawValue, value: $0.value, source: .given, margin: nil) }
    }
}

extension ImportConfiguration {
    /// The permutation that stands in for 1x1 convolutions, where it says so.
    package func readPermutation(_ family: CheckpointFamily) -> ImportDecision? {
        guard ImportSettings.Key.permutation.families.contains(family), text("flow_permutation") == "reverse" else { return nil }
        return ImportDecision(
            key: ImportSettings.Key.permutation.rawValue, value: ImportSettings.Permutation.reverse.rawValue, source: .configuration,
            margin: nil)
    }

    /// n of the images that were trained on.
    package var noiseLevels: Int? {
        for key in ["n_bits_x", "n_bits"] {
            if let bits = number(key), bits == bits.rounded(), (1 ... 8).contains(bits) { return Int(bits) }
        }
        return nil
    }

    /// The size of the images that were trained on.
    package var imageSize: (height: Int, width: Int)? {
        for key in ["size", "img_size", "image_size"] {
            if let size = number(key), size == size.rounded(), (1 ... 65536).contains(size) { return (Int(size), Int(size)) }
        }
        return nil
    }

    /// What was trained on.
    package var dataset: String? { text("dataset") }
}
