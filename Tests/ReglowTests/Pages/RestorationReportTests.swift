import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct RestorationReportTests {
    private func restored(_ problem: Problem = .denoise, channels: Int = 3) throws -> (ImageMeasurement, RestoredImage, Image) {
        let truth = try Sample.image(height: 8, width: 12, channels: channels)
        let y = try Sample.measurement(of: truth, problem)
        return (y, try Sample.restorer(try Sample.prior(), evaluations: 6).restore([y], problem: problem)[0], truth)
    }

    private func parsed(_ report: RestorationReport) throws -> ParsedPage { try #require(ParsedPage(report.html)) }

    @Test func allThatIsKnownIsShown() throws {
        let (y, restored, truth) = try restored()
        var picture = try RestorationReport.Picture("a<b>.png", measurement: y, restored: restored, truth: truth)
        picture.iterateQuality = restored.trace.entries.indices.map { 20 + Double($0) }
        picture.deviation = try Image(channels: 3, height: 8, width: 12) { Float($0 + $1 + $2) / 100 }
        picture.samples = [truth, restored.image, truth]
        picture.quantiles = [(0.05, truth), (0.95, restored.image)]
        var report = RestorationReport(title: "one", command: ["reglow", "a b"], parameters: [("noise", "0.01")])
        report.notes = ["<note>"]
        try report.add(picture)
        let page = try parsed(report)
        let captions = page["figcaption"].map(\.text)
        #expect(Array(captions.prefix(5)) == ["measured", "restored", "truth", "error", "standard deviation"])
        #expect(captions.filter { $0.hasPrefix("sample ") } == ["sample 1", "sample 2", "sample 3"])
        #expect(captions.filter { $0.hasPrefix("quantile ") } == ["quantile 5 %", "quantile 95 %"])
        #expect(page["svg"].count == 4, "objective and PSNR, over seconds and evaluations")
        #expect(page["h2"].map(\.text) == ["a<b>.png", "How it was made"])
        #expect(page["pre"].first?.text == "reglow 'a b'")
        #expect(page["dd"].contains { $0.text == "0.01" } && page["li"].contains { $0.text == "<note>" })
        #expect(page["img"].allSatisfy { $0.attributes["alt"]?.isEmpty == false })
    }

    /// The mean stands for the image, with what the draws show.
    @Test func aPosteriorHasItsDeviationQuantilesAndDraws() throws {
        let truth = try Sample.image(height: 8, width: 12)
        let y = try Sample.measurement(of: truth, .denoise)
        var options = PosteriorOptions()
        (options.samples, options.burnIn, options.stepsPerSample) = (24, 2, 2)
        let posterior = try Sample.restorer(try Sample.prior(), evaluations: 6).posterior([y], problem: .denoise, posterior: options)[0]
        let picture = try RestorationReport.Picture("a", measurement: y, posterior: posterior, truth: truth)
        #expect(picture.restored == posterior.mean && picture.samples.count == 8)
        #expect(picture.samples.allSatisfy { sample in posterior.samples.contains { $0 == sample } })
        var report = RestorationReport(title: "one")
        try report.add(picture)
        let page = try parsed(report)
        let captions = page["figcaption"].map(\.text)
        #expect(captions.contains("standard deviation") && captions.contains("quantile 50 %") && captions.contains("sample 8"))
        #expect(page["dt"].contains { $0.text.hasPrefix("R-hat") })
        #expect(page["p"].contains { $0.text.contains("the chains do not agree yet") } != posterior.diagnostics.isMixed)
    }

    @Test func withoutATruthTheChangeIsShown() throws {
        let (y, restored, _) = try restored()
        var report = RestorationReport(title: "one")
        try report.add(RestorationReport.Picture("a", measurement: y, restored: restored))
        let page = try parsed(report)
        #expect(page["figcaption"].map(\.text) == ["measured", "restored", "change"])
        #expect(page["svg"].count == 2 && !report.html.contains("against the truth."))
    }

    /// A row of numbers is no picture.
    @Test func aMeasurementThatIsNoImageIsLeftOut() throws {
        let problem = Problem.compressive(measurements: 60, image: Problem.ImageSize(height: 8, width: 12))
        let (y, restored, truth) = try restored(problem)
        var report = RestorationReport(title: "one")
        try report.add(RestorationReport.Picture("a", measurement: y, restored: restored, truth: truth))
        #expect(try parsed(report)["figcaption"].map(\.text) == ["restored", "truth", "error"])
    }

    @Test func severalImagesHaveATableAndFailuresAreNamed() throws {
        let (y, restored, truth) = try restored()
        var report = RestorationReport(title: "two")
        try report.add(RestorationReport.Picture("good", measurement: y, restored: restored, truth: truth))
        var failed = RestorationReport.Picture("bad")
        failed.failure = "it is <broken>"
        try report.add(failed)
        let page = try parsed(report)
        #expect(page["h2"].map(\.text) == ["All images", "good", "bad", "How it was made"])
        #expect(page["span"].contains { $0.text == "failed: it is <broken>" } && page["p"].contains { $0.text == "Failed: it is <broken>" })
    }

    /// The memory of a page is bounded whatever the folder holds.
    @Test func picturesBeyondTheRoomAreLeftOut() throws {
        var report = RestorationReport(title: "many")
        var picture = RestorationReport.Picture("large")
        picture.restored = try Image(channels: 1, height: 1024, width: 1024) { _, _, _ in 0.5 }
        picture.measured = picture.restored
        let most = RestorationReport.mostPixels / (3 << 20)
        for _ in 0 ..< most + 4 { try report.add(picture) }
        let page = try parsed(report)
        #expect(page["img"].count <= 3 * (most + 2) && page["img"].count >= 3 * (most - 1))
        #expect(page["p"].contains { $0.text.contains("are left out") })
    }

    @Test func anotherShapeIsRefused() throws {
        let (y, restored, _) = try restored()
        var report = RestorationReport(title: "one")
        let other = try Sample.image(height: 8, width: 8)
        #expect(throws: ImageError.self) { _ = try RestorationReport.Picture("a", measurement: y, restored: restored, truth: other) }
        for change in [{ $0.deviation = other }, { $0.samples = [other] }, { $0.quantiles = [(0.5, other)] }, { $0.truth = other }]
            as [(inout RestorationReport.Picture) -> Void]
        {
            var picture = try RestorationReport.Picture("a", measurement: y, restored: restored)
            change(&picture)
            #expect(throws: ImageError.self) { try report.add(picture) }
        }
    }

    @Test func numbersThatAreNotFiniteAreNoCrash() throws {
        var picture = RestorationReport.Picture("nan")
        picture.restored = try Image(channels: 1, height: 2, width: 2) { row, column, _ in
            row == 0 ? .nan : column == 0 ? .infinity : -.infinity
        }
        picture.truth = picture.restored
        picture.deviation = picture.restored
        var report = RestorationReport(title: "one")
        try report.add(picture)
        #expect(try parsed(report)["img"].count == 4)
    }
}
