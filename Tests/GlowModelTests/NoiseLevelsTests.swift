import GlowModel
import TestSupport
import Testing

@Suite struct NoiseLevelsTests {
    private func card(_ entries: [String: String]) throws -> ModelCard {
        let folder = try TemporaryFolder()
        var draft = try ModelFileTests.Draft()
        draft.metadata.merge(entries) { $1 }
        return try ModelFile(path: draft.write(to: folder)).card
    }

    @Test func aModelFileSaysThem() throws {
        let levels = try #require(try card(["noise_deviation": "0.05", "noise_levels": "0.01,0.2"]).noiseLevels)
        #expect(levels == NoiseLevels(deviation: 0.05, range: 0.01 ... 0.2))
        #expect(try card([:]).noiseLevels == nil)
    }

    /// sigma 0.1 is seen at half the contrast; weaker noise than the least is seen as the least.
    @Test func theGainBringsTheNoiseToItsDeviation() throws {
        let levels = try #require(NoiseLevels(deviation: 0.05, range: 0.01 ... 0.2))
        #expect(levels.gain(for: 0.1) == 0.5)
        #expect(levels.gain(for: 0.01) == 5)
        #expect(levels.gain(for: 0.001) == 5)
        #expect(levels.gain(for: 0) == 5)
        #expect(levels.gain(for: 0.4) == 0.125)
    }

    @Test(arguments: [
        (["noise_deviation": "x", "noise_levels": "0.01,0.2"], "noise_deviation"),
        (["noise_deviation": "0", "noise_levels": "0.01,0.2"], "noise_deviation"),
        (["noise_deviation": "-1", "noise_levels": "0.01,0.2"], "noise_deviation"),
        (["noise_deviation": "inf", "noise_levels": "0.01,0.2"], "noise_deviation"),
        (["noise_deviation": "nan", "noise_levels": "0.01,0.2"], "noise_deviation"),
        (["noise_deviation": "0.05"], "noise_levels"),
        (["noise_deviation": "0.05", "noise_levels": "0.01"], "noise_levels"),
        (["noise_deviation": "0.05", "noise_levels": "0.2,0.01"], "noise_levels"),
        (["noise_deviation": "0.05", "noise_levels": "0,0.2"], "noise_levels"),
        (["noise_deviation": "0.05", "noise_levels": "0.01,inf"], "noise_levels"),
        (["noise_deviation": "0.05", "noise_levels": "nan,0.2"], "noise_levels"),
        (["noise_deviation": "0.05", "noise_levels": "0.01,0.2,0.3"], "noise_levels"),
        (["noise_levels": "0.01,0.2"], "noise_deviation"),
    ])
    func whatCannotBeMeantIsNamed(_ metadata: [String: String], _ key: String) throws {
        let error = try #require(throws: ModelFileError.self) { try card(metadata) }
        #expect("\(error)".contains(key), "\(error)")
    }

    @Test func levelsAreAboveZero() {
        #expect(NoiseLevels(deviation: 0, range: 0.01 ... 0.2) == nil)
        #expect(NoiseLevels(deviation: 0.05, range: 0 ... 0.2) == nil)
        #expect(NoiseLevels(deviation: .infinity, range: 0.01 ... 0.2) == nil)
        #expect(NoiseLevels(deviation: 0.05, range: 0.01 ... .infinity) == nil)
    }
}
