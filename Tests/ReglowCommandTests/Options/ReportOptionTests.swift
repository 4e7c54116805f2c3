import Foundation
import Reglow
import TestSupport
import Testing

/// `--report`.
@Suite struct ReportOptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    private let options = ["--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "5", "--noise", "0.05"]

    private func page(_ path: String) throws -> ParsedPage {
        let page = try #require(ParsedPage(String(contentsOfFile: folder.file(path + "/index.html"), encoding: .utf8)))
        for table in page.cellCounts { #expect(Set(table).count == 1, "rows of \(table) cells") }
        return page
    }

    @Test func aRestorationIsShownWithItsCommand() throws {
        try folder.writePicture("u &.png")
        let arguments = ["restore", "u &.png", "--output", "x.png", "--truth", "u &.png", "--report", "page"] + options
        let ending = try Command.run(arguments, in: folder)
        #expect(ending.status == 0 && ending.messages.contains("page/index.html"), "\(ending.messages)")
        let page = try self.page("page")
        #expect(page["h1"].first?.text == "Restored: u &.png")
        #expect(page["pre"].first?.text.hasPrefix("reglow restore 'u &.png' --output x.png") == true)
        #expect(page["figcaption"].map(\.text) == ["measured", "restored", "truth", "error"])
        #expect(page["svg"].count == 4)
        for word in ["denoise", "0.05", reglowVersion] { #expect(page["dd"].contains { $0.text == word }, "\(word)") }
    }

    @Test func aPageIsNeverReplacedAndTheWorkDoesNotBegin() throws {
        try folder.writePicture("u.png")
        try folder.file("page/index.html", holding: Array("mine".utf8))
        try Command.fail(
            1, naming: ["page/index.html", "already"], arguments: ["restore", "u.png", "--output", "x.png", "--report", "page"] + options,
            in: folder)
        #expect(try folder.bytes("page/index.html") == Array("mine".utf8))
        #expect(try !folder.names.contains("x.png"))
        try Command.fail(
            1, naming: ["u.png", "folder"], arguments: ["restore", "u.png", "--output", "x.png", "--report", "u.png"] + options, in: folder)
    }

    @Test func imagesThatFailAreOnThePageToo() throws {
        try folder.makeFolder("in")
        try folder.writePicture("in/a.png")
        try folder.file("in/b.png", holding: Array("no picture".utf8))
        let ending = try Command.run(["restore", "in", "--output", "out", "--report", "page"] + options, in: folder)
        #expect(ending.status == 1)
        let page = try self.page("page")
        #expect(page["h1"].first?.text == "2 restored images")
        #expect(page["span"].contains { $0.text.hasPrefix("failed: ") })
        #expect(page["h2"].count == 4)
    }

    /// Of several methods, beside the paper's figures.
    @Test(arguments: ["table", "demo"]) func theTableStandsBesideThePapers(_ command: String) throws {
        try folder.writePicture("u.png", height: 32, width: 32)
        let ending = try Command.run(
            [
                command, "u.png", "--prior", "tiny.safetensors", "--max-evaluations", "3", "--output", "t", "--report", "page", "--problem",
                "deblur",
                "--problem", "denoise",
            ], in: folder)
        #expect(ending.status == 0 && (ending.messages + ending.output).contains("page/index.html"), "\(ending.messages)")
        let page = try self.page("page")
        #expect(page["th"].map(\.text).contains("paper's PSNR") && page["td"].contains { $0.text == "32.13 (analysis)" })
        #expect(
            page["h2"].map(\.text) == ["Beside the paper", "Image by image", "deblurring, uniform 5x5", "denoising", "How it was made"])
        let captions = page["figcaption"].map(\.text)
        #expect(captions.count == 12 && captions[0] == "measured" && captions[1].hasPrefix("auto: ") && captions[4] == "truth")
        #expect(page["span"].contains { $0.text.hasPrefix("Trust in synthesis: ") })
    }

    @Test func aJobIsShownWholeAndOnceMore() throws {
        try folder.makeFolder("in")
        for name in ["a", "b"] { try folder.writePicture("in/\(name).png") }
        try folder.file("in/<c>.png", holding: Array("no picture".utf8))
        let part = try Command.run(["batch", "in", "--output", "out", "--shard", "1/2", "--report", "page"] + options, in: folder)
        #expect(part.messages.contains("--merge out --report"), "\(part.messages)")
        #expect(throws: (any Error).self) { try self.page("page") }
        let whole = try Command.run(["batch", "in", "--output", "out", "--report", "page"] + options, in: folder)
        #expect(whole.status == 1)
        let page = try self.page("page")
        #expect(page["h2"].map(\.text).first == "All images" && page["h2"].contains { $0.text == "in/<c>.png" })
        #expect(page["img"].count == 6, "two images, each measured and restored with their change")
        #expect(page["p"].contains { $0.text.hasPrefix("2 of 3 images are restored, 2 of them cut short; 1 failed.") })
        let header = try String(decoding: folder.bytes("out/summary.csv"), as: UTF8.self).split(separator: "\n")
        #expect(header[0].hasSuffix(",error,trust"))
        for line in header.dropFirst() where line.contains(",done,") {
            #expect(["ok", "doubtful", "unusable"].contains { line.hasSuffix(",\($0)") }, "\(line)")
        }
        let merged = try Command.run(["batch", "--merge", "out", "--report", "again"], in: folder)
        #expect(merged.status == 1)
        #expect(try self.page("again")["h2"].map(\.text) == page["h2"].map(\.text))
    }

    @Test func aTrainingIsShown() throws {
        try folder.makeFolder("u")
        for name in ["a", "b"] { try folder.writePicture("u/\(name).png") }
        let ending = try Command.run(
            [
                "train", "u", "--output", "m.safetensors", "--report", "page", "--levels", "2", "--steps-per-level", "2", "--hidden", "8",
                "--crop", "8",
                "--batch", "2", "--steps", "4", "--warm-up", "2", "--report-every", "1", "--samples-every", "2",
            ], in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        let page = try self.page("page")
        #expect(page["h1"].first?.text == "Training of m.safetensors" && page["svg"].count == 4)
        #expect(page["h2"].map(\.text) == ["Curves", "Samples", "How it was made"])
        #expect(page["td"].contains { $0.text == "4" } && page["dt"].contains { $0.text == "learning-rate" })
    }
}
