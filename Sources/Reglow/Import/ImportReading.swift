import CheckpointImport
import Files
import KernelInterface
import TrainingReports

/// How a checkpoint is read: what is open is decided by the settings or by a probe.
struct ImportReading {
    private let checkpoint: GlowCheckpoint
    private let configuration: ImportConfiguration
    private(set) var model: FoldedFlow
    private(set) var settings: ImportSettings
    private(set) var decisions: [ImportDecision] = []
    private(set) var score: ProbeScore?
    private(set) var notes: [String] = []

    init(_ checkpoint: GlowCheckpoint, _ model: FoldedFlow, _ settings: ImportSettings, _ configuration: ImportConfiguration) {
        self.checkpoint = checkpoint
        self.model = model
        self.settings = settings
        self.configuration = configuration
    }

    /// - Throws: `CheckpointError` for what stays undecided, with the readings and what each is worth.
    mutating func decide(_ probe: PreparedProbe?, parallelism: Parallelism) throws {
        if let choice = try ImportChoice(checkpoint, model, settings, configuration) {
            try decide(choice, probe, parallelism: parallelism)
        } else {
            decisions = settings.given
            if settings.permutation == nil, let read = configuration.readPermutation(checkpoint.family) {
                decisions.append(read)
            }
            if let probe { try warn(probe, parallelism: parallelism) }
        }
    }

    private mutating func decide(_ choice: ImportChoice, _ probe: PreparedProbe?, parallelism: Parallelism) throws {
        var scores: [ProbeScore] = []
        if let probe {
            scores = try choice.hypotheses.map { try ProbeScore($0.applied(to: model), probe, parallelism: parallelism) }
        } else if choice.isOpen {
            throw CheckpointError(path: checkpoint.path, reason: choice.question)
        }
        guard let (chosen, decisions) = choice.given() ?? choice.decide(scores) else {
            throw CheckpointError(
                path: checkpoint.path,
                reason: "the probe does not decide how the file is to be read: \(choice.listed(scores)). The order of the squeezes needs "
                    + "\(ImportChoice.squeezeMargin) bits and an offset \(ImportChoice.offsetMargin) bits more than any other, and a mean square "
                    + "nearest to 1: set them")
        }
        if let index = choice.hypotheses.firstIndex(of: chosen), index < scores.count { score = scores[index] }
        self.decisions = decisions + settings.given.filter { given in !decisions.contains { $0.key == given.key } }
        settings.squeeze = chosen.squeeze
        if model.architecture.coupling == .affine {
            settings.lastOffset = chosen.lastOffset
            if chosen.scaleOffset != 0 { settings.scaleOffset = chosen.scaleOffset }
        }
        model = chosen.applied(to: model)
    }

    /// Measures the model, and says where another scale map of normflows, which only its user knows, would make it likelier.
    private mutating func warn(_ probe: PreparedProbe, parallelism: Parallelism) throws {
        let own = try ProbeScore(model, probe, parallelism: parallelism)
        score = own
        guard checkpoint.family == .normflows, model.architecture.coupling == .affine else { return }
        for map in ImportSettings.ScaleMap.allCases where map != settings.scaleMap ?? .sigmoid {
            var other = settings
            other.scaleMap = map
            let score = try ProbeScore(checkpoint.folded(other, configuration), probe, parallelism: parallelism)
            if score.bits < own.bits - ImportChoice.offsetMargin {
                notes.append(
                    "scale-map=\(map.rawValue) makes the probe likelier: \(score.bits.fixed(2)) bits, \(own.bits.fixed(2)) as it is")
            }
        }
    }
}
