import CheckpointImport
import CheckpointSupport
import TestSupport
import Testing

/// What is open in a checkpoint of glowip, and when a probe decides it.
@Suite struct ImportDecisionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func choice(_ settings: [String] = [], isAffine: Bool = true, configuration: String = "{}") throws -> ImportChoice {
        var all = ImportSettings()
        for setting in settings { try all.set(setting) }
        let twin = FamilyTwin(.glowip, isAffine: isAffine)
        let checkpoint = try GlowCheckpoint(path: folder.file("c", holding: MadeFile.bytes(twin.state, .zip)))
        let given = try ImportConfiguration(path: folder.file("c.json", holding: Array(configuration.utf8)))
        return try #require(try ImportChoice(checkpoint, checkpoint.folded(all), all, given))
    }

    /// Scores of the hypotheses in their order.
    private func scores(_ choice: ImportChoice, _ score: (ImportHypothesis) -> (bits: Double, square: Double)) -> [ProbeScore] {
        choice.hypotheses.map { ProbeScore(bits: score($0).bits, meanSquare: score($0).square) }
    }

    @Test func whatIsOpenIsAsked() throws {
        #expect(try choice().hypotheses.count == 6 && choice(isAffine: false).hypotheses.count == 3)
        let question = try choice().question
        #expect(question.contains("squeeze (") && question.contains("last-offset (0, 1)"))
        #expect(try choice(["squeeze=interleaved"]).question.contains("set it"))
        let offsets = try choice(configuration: #"{"coupling_bias": 0.5}"#)
        #expect(offsets.hypotheses.count == 12 && offsets.question.contains("scale-offset (0, 0.5)"))
        let given = try choice(["squeeze=contiguous", "last-offset=1"])
        #expect(!given.isOpen && given.given()?.decisions.map(\.source) == [.given, .given])
        #expect(throws: CheckpointError.self) { try choice(["last-offset=1"], isAffine: false) }
    }

    /// The table of measured bits in the margins: a squeeze by half a bit, an offset by 0.05.
    @Test func clearMarginsDecide() throws {
        let choice = try choice()
        let decided = try #require(
            choice.decide(
                scores(choice) { hypothesis in
                    let wrong = hypothesis.squeeze == .interleaved ? 0 : 4.86
                    return (3.26 + wrong + (hypothesis.lastOffset == 1 ? 0 : 0.15), hypothesis.lastOffset == 1 ? 1.55 : 0.21)
                }))
        #expect(decided.hypothesis.squeeze == .interleaved && decided.hypothesis.lastOffset == 1)
        #expect(decided.decisions.map(\.source) == [.probe, .probe])
        #expect(decided.decisions.compactMap(\.margin).map { ($0 * 100).rounded() / 100 } == [4.86, 0.15])
    }

    @Test func smallMarginsDoNot() throws {
        let choice = try choice()
        // Contiguous but for the last level is hardly less likely.
        #expect(
            choice.decide(
                scores(choice) { (($0.squeeze == .contiguous ? 3.45 : $0.squeeze == .contiguousButLast ? 3.51 : 6.03) + $0.lastOffset, 1) })
                == nil)
        // The offset.
        #expect(choice.decide(scores(choice) { (($0.squeeze == .interleaved ? 3 : 8) + 0.04 * $0.lastOffset, 1) }) == nil)
        // Bits and mean square disagree.
        #expect(
            choice.decide(scores(choice) { (($0.squeeze == .interleaved ? 3 : 8) + 0.2 * $0.lastOffset, $0.lastOffset == 0 ? 0.2 : 1.1) })
                == nil)
        // Nothing finite.
        #expect(choice.decide(scores(choice) { _ in (.nan, .nan) }) == nil)
        #expect(
            choice.listed(scores(choice) { (($0.squeeze == .contiguous ? 3.45 : 4), 1) }).hasPrefix(
                "squeeze=contiguous last-offset=0: 3.45 bits"))
    }

    /// A reading changes the squeezes and the offsets of the scales, and nothing else.
    @Test func aReadingIsApplied() throws {
        let twin = FamilyTwin(.glowip)
        let flow = try GlowCheckpoint(path: folder.file("c", holding: MadeFile.bytes(twin.state, .legacy))).folded(ImportSettings())
        let readings = try choice(configuration: #"{"coupling_bias": 0.5}"#).hypotheses
        let reading = try #require(readings.first { $0.squeeze == .contiguousButLast && $0.lastOffset == 1 && $0.scaleOffset == 0.5 })
        let applied = reading.applied(to: flow)
        #expect(applied.squeeze == [.contiguous, .interleaved])
        #expect(applied.levels.map { $0.map(\.scaleOffset) } == [[0.5, 0.5], [1]])
        #expect(applied.levels[1][0].mixing == flow.levels[1][0].mixing)
    }
}
