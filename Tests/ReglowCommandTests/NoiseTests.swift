import Foundation
import Reglow
import TestSupport
import Testing

/// `--noise auto` on pictures as they are found: what sigma is, that it is told how well that is known, and that no picture is made worse.
/// The pictures are synthetic.
@Suite struct NoiseTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    struct Outcome {
        let estimate: [String: Any]
        let image: Image
        let messages: String

        var deviation: Double { estimate["deviation"] as? Double ?? .nan }
        var verdict: String { estimate["verdict"] as? String ?? "" }
        var notes: [String] { estimate["notes"] as? [String] ?? [] }
    }

    static func fixture(_ name: String) -> String { PackageFolder.path("Tests/ReglowCommandTests/Cases/noise/\(name).png") }

    static func picture(_ name: String) throws -> Image { try ImageFile.read(fixture(name)).image }

    private func restored(_ path: String, _ more: String...) throws -> Outcome {
        let ending = try Command.run(
            ["restore", path, "--problem", "denoise", "--noise", "auto", "--prior", "photos", "--output", "x.png", "--json", "-"] + more,
            in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        let report = try ending.json()
        let result = try #require((report["results"] as? [[String: Any]])?.first)
        let outcome = Outcome(
            estimate: try #require(result["noise_estimate"] as? [String: Any]), image: try folder.image("x.png"), messages: ending.messages)
        // What is told in one place is told in all.
        let told = (report["notes"] as? [[String: Any]])?.compactMap { $0["text"] as? String } ?? []
        for note in outcome.notes {
            #expect(told.contains(note))
            #expect(outcome.messages.contains(note))
        }
        return outcome
    }

    static func psnr(_ a: Image, _ b: Image) -> Double {
        let error = zip(a.pixels, b.pixels).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) } / Double(a.pixels.count)
        return error == 0 ? .infinity : -10 * log10(error)
    }

    @Test func aGreyScanWithARedStamp() throws {
        let outcome = try restored(Self.fixture("grey-with-red-stamp"))
        #expect((0.05 / 1.3 ... 0.05 * 1.3).contains(outcome.deviation))
        #expect(outcome.verdict == "measured")
        #expect(outcome.notes.contains { $0.contains("share") })
        #expect((0.01 ... 0.3).contains(try #require(outcome.estimate["relative_error"] as? Double)))
    }

    /// Within 0.5 dB of what the known sigma gives, by all rules.
    @Test(arguments: [[], ["discrepancy"], ["whiteness"]]) func aLetterbox(rule: [String]) throws {
        let truth = try Self.picture("letterbox-truth")
        let weight = rule.flatMap { ["--regularization-weight", $0] }
        let outcome =
            try rule.isEmpty
            ? restored(Self.fixture("letterbox")) : restored(Self.fixture("letterbox"), weight[0], weight[1])
        #expect(abs(outcome.deviation / 0.05 - 1) < 0.1)
        #expect(Self.psnr(outcome.image, truth) > 37.3)
    }

    @Test(arguments: [[], ["discrepancy"], ["whiteness"]]) func aTextureIsNotRuined(rule: [String]) throws {
        let truth = try Self.picture("grey-texture-truth")
        let before = Self.psnr(try Self.picture("grey-texture-sigma001"), truth)
        let weight = rule.flatMap { ["--regularization-weight", $0] }
        let outcome =
            try rule.isEmpty
            ? restored(Self.fixture("grey-texture-sigma001")) : restored(Self.fixture("grey-texture-sigma001"), weight[0], weight[1])
        #expect(outcome.verdict == "lower-bound")
        #expect(outcome.notes.contains { $0.contains("texture") })
        #expect(try #require(outcome.estimate["relative_error"] as? Double) >= 0.5)
        #expect(Self.psnr(outcome.image, truth) > before - 0.05)
    }

    /// Far above 38 dB: as the rounding of the file.
    @Test(arguments: ["constant", "clean", "lineart", "grey-texture-truth", "letterbox-truth"]) func cleanPicturesStay(name: String) throws
    {
        let outcome = try restored(Self.fixture(name))
        #expect(Self.psnr(outcome.image, try Self.picture(name)) > 48)
        #expect(!outcome.notes.isEmpty)
    }

    /// JPEG keeps the luminance of the noise and of its colours only what is coarse.
    @Test func correlatedNoiseIsTold() throws {
        let shape = ImageShape(channels: 3, height: 64, width: 64)
        var generator = SeededGenerator(seed: 4, stream: .sample)
        let cells = (0 ..< 3 * 33 * 33).map { _ in Float(0.05 * generator.nextNormal()) }
        let pixels = (0 ..< shape.count).map { index -> Float in
            let (channel, pixel) = index.quotientAndRemainder(dividingBy: shape.pixels)
            let (i, j) = (pixel / 64, pixel % 64)
            func cell(_ row: Int, _ column: Int) -> Float { cells[channel * 33 * 33 + row * 33 + column] }
            let above = cell(i / 2, j / 2) + cell(i / 2, (j + 1) / 2)
            let below = cell((i + 1) / 2, j / 2) + cell((i + 1) / 2, (j + 1) / 2)
            return 0.5 + (above + below) / 4
        }
        try ImageFile.write(try Image(shape: shape, pixels: pixels), to: folder.file("enlarged.png"))
        let outcome = try restored(folder.file("enlarged.png"))
        #expect(outcome.notes.contains { $0.contains("correlated") })
        let flat = try Image(shape: shape, pixels: [Float](repeating: 0.5, count: shape.count))
        #expect(Self.psnr(outcome.image, flat) > Self.psnr(try folder.image("enlarged.png"), flat) - 0.1)
    }
}
