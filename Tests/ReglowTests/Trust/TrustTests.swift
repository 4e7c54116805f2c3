import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct TrustTests {
    private func trust(_ problem: Problem, _ truth: Image, noise: Double = 0.01, told: Double = 0.01, evaluations: Int = 200) throws
        -> Trust
    {
        let a = try problem.forwardOperator(imageShape: truth.shape, seed: 5, parallelism: Parallelism(threads: 1))
        let y = try Degradation(a, noiseDeviation: noise, seed: 5).measure(truth.pixels)
        let measurement = ImageMeasurement(try Image(shape: a.measurementShape, pixels: y), seed: 5)
        let restorer = Sample.restorer(try Sample.prior(), evaluations: evaluations)
        return try restorer.restore([measurement], problem: problem, noiseDeviation: told)[0].trust
    }

    private func sample() throws -> Image {
        try Sample.prior().sample(count: 1, size: Problem.ImageSize(height: 32, width: 32), temperature: 1, seed: 3)[0]
    }

    @Test func anImageOfThePriorIsTrusted() throws {
        for problem in [Problem.denoise, .deblur(try .uniform(3)), .superresolve(scale: 2), .inpaint(.hole(8))] {
            let found = try trust(problem, sample())
            #expect(found.verdict == .ok && found.text == "ok" && found.reasons.isEmpty, "\(problem): \(found.text)")
        }
    }

    /// What the prior does not know, far out of its range.
    private func strangePicture() throws -> Image {
        let sample = try sample()
        return try Image(shape: sample.shape, pixels: sample.pixels.map { 0.5 + 8 * ($0 - 0.5) })
    }

    @Test func anotherKindOfPictureIsSeen() throws {
        let found = try trust(.denoise, strangePicture())
        #expect(found.verdict == .unusable, "\(found.text)")
        for kind in [TrustFinding.Kind.surprising, .latentEnergy] {
            #expect(found.findings.contains { $0.kind == kind }, "\(kind): \(found.text)")
        }
        #expect(found.text.hasPrefix("unusable: measurement and picture"))
    }

    @Test func lessNoiseThanWasToldIsSeen() throws {
        let found = try trust(.denoise, Image(channels: 3, height: 32, width: 32) { _, _, _ in 0.5 }, noise: 0.01, told: 0.5)
        #expect(found.findings.contains { $0.kind == .unsurprising }, "\(found.text)")
    }

    @Test func aSolveThatDidNotEndIsDoubtful() throws {
        let found = try trust(.denoise, sample(), evaluations: 1)
        #expect(found.findings.contains { $0.kind == .unfinished } && found.verdict != .ok)
    }

    @Test func theWorstComesFirstAndDecides() {
        let trust = Trust(
            [
                TrustFinding(.unfinished, .doubtful), TrustFinding(.latentEnergy, .unusable, value: 9, bound: 4, level: 2),
                TrustFinding(.misfit, .doubtful),
            ],
            nil)
        #expect(trust.findings.map(\.kind) == [.latentEnergy, .unfinished, .misfit] && trust.verdict == .unusable)
        #expect(Trust([], nil).verdict == .ok && Trust.Verdict.ok < .doubtful && .doubtful < Trust.Verdict.unusable)
    }

    /// Of each kind and level what is the worst of any window.
    @Test func windowsAreOneImage() {
        func finding(_ value: Double, _ verdict: Trust.Verdict = .doubtful, level: Int? = nil) -> TrustFinding {
            TrustFinding(.latentEnergy, verdict, value: value, bound: 1, level: level)
        }
        let first = Trust([finding(2, level: 0), finding(3, level: 1)], nil)
        let second = Trust([finding(5, .unusable, level: 1), finding(1.5, level: 0)], nil)
        let both = Trust(windows: [first, Trust([], nil), second])
        #expect(both.findings == [finding(5, .unusable, level: 1), finding(2, level: 0)])
    }

    @Test func jsonHasVerdictReasonsAndNumbers() throws {
        let found = try trust(.denoise, strangePicture())
        let object = try #require(try JSONSerialization.jsonObject(with: Data(JSONText.encode(found).utf8)) as? [String: Any])
        #expect(object["verdict"] as? String == "unusable" && (object["reasons"] as? [String]) == found.reasons)
        let statistics = try #require(object["statistics"] as? [String: Any])
        #expect(
            Set(statistics.keys) == [
                "estimate", "levels", "misfit", "surprise", "whiteness", "measured", "round_trip_error", "uprightness", "point_spread_gain",
                "point_spread_width",
            ])
        #expect((object["findings"] as? [[String: Any]])?.first?["kind"] as? String != nil)
    }

    /// Chains that do not agree are a reason for doubt of the mean, beside what speaks against the mode.
    @Test func chainsThatDoNotAgreeAreSeen() throws {
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 8), .denoise)
        var options = PosteriorOptions()
        (options.samples, options.burnIn, options.stepsPerSample, options.chains) = (16, 1, 1, 4)
        let few = try Sample.restorer(try Sample.prior()).posterior([y], problem: .denoise, posterior: options)[0]
        #expect(!few.diagnostics.isMixed && few.trust.verdict != .ok)
        #expect(few.trust.findings.filter { $0.kind == .chainsDisagree }.map(\.value) == [few.diagnostics.rHat])
        #expect(few.trust.findings.count == few.mode.trust.findings.count + 1)
        (options.samples, options.burnIn, options.stepsPerSample) = (600, 20, 8)
        let many = try Sample.restorer(try Sample.prior()).posterior([y], problem: .denoise, posterior: options)[0]
        #expect(many.diagnostics.isMixed && many.trust == many.mode.trust, "R-hat \(many.diagnostics.rHat)")
    }

    @Test func aStateKeepsFindings() throws {
        let findings = [
            TrustFinding(.roundTrip, .unusable, value: .infinity, bound: 0.25, level: nil),
            TrustFinding(.latentEnergy, .doubtful, value: 2, bound: 1, level: 3),
        ]
        #expect(try TrustFinding.findings(of: findings.flatMap(\.numbers)) == findings)
        for wrong in [[1], [99, 0, 0, 0, -1], [0.5, 0, 0, 0, -1], [0, 0, 0, 0, .nan]] as [[Double]] {
            #expect(throws: SolveStateError.self) { try TrustFinding.findings(of: wrong) }
        }
    }
}
