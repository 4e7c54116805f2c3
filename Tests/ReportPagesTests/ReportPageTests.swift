import Files
import Foundation
import Imaging
import Plots
import ReportPages
import TestSupport
import Testing

@Suite struct ReportPageTests {
    private let evil = "<img src=http://e.vil/x onerror=alert(1)> & \"'.png"

    private func page() throws -> ReportPage {
        let image = try Image(channels: 3, height: 4, width: 6) { Float($0 + $1 + $2) / 10 }
        let pictures = try (0 ..< 3).map { try PagePicture(image, caption: "\($0) \(evil)", description: "picture \($0) of \(evil)") }
        let map = try PagePicture(map: image.pixels.prefix(24).map { $0 }, height: 4, width: 6, caption: "map", description: "a map")
        return ReportPage(
            evil, introduction: [.element("p", [:], evil)],
            sections: [
                ReportPage.Section(
                    evil,
                    [
                        PictureComparison(pictures + [map], of: evil, left: 0, right: 1).markup,
                        PageParts.filmStrip(pictures, label: evil),
                        PageParts.charts([LineChart(x: evil, y: evil, [LineChart.Series(evil, [(0, 1), (1, 2)])])]),
                    ]),
                ReportPage.Section(
                    "numbers",
                    [
                        PageParts.table(evil, columns: [evil, "b"], rows: [[.text(evil), .text("2")]], words: [1]),
                        PageParts.details(evil, [PageParts.facts([(evil, evil)])]),
                    ]),
            ])
    }

    private func parsed() throws -> ParsedPage { try #require(ParsedPage(page().html), "not well-formed") }

    @Test func nothingComesFromElsewhere() throws {
        let page = try parsed()
        for element in page.elements {
            for (name, value) in element.attributes
            where ["src", "href", "srcset", "data", "action", "poster", "xlink:href"].contains(name) {
                #expect(value.hasPrefix("data:image/png;base64,") || value.hasPrefix("#"), "\(element.name) \(name) \(value.prefix(40))")
            }
            #expect(!["link", "iframe", "object", "embed", "base", "form", "audio", "video"].contains(element.name))
            #expect(!element.attributes.keys.contains { $0.hasPrefix("on") }, "\(element.attributes)")
        }
        for code in page["style"] + page["script"] {
            for word in ["url(", "@import", "http", "fetch", "import ", "XMLHttp", "innerHTML", "eval"] {
                #expect(!code.text.contains(word), "\(word)")
            }
        }
        let policy = page["meta"].first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
        #expect(policy?.attributes["content"]?.hasPrefix("default-src 'none'; img-src data:;") == true)
    }

    @Test func namesAreTextEverywhere() throws {
        let page = try parsed()
        #expect(page["img"].count == 7)
        for picture in page["img"] {
            #expect(picture.attributes["alt"]?.isEmpty == false && picture.attributes["src"]?.hasPrefix("data:") == true)
        }
        for name in ["h1", "title", "h2", "caption", "th", "summary", "dt", "dd"] {
            #expect(page[name].contains { $0.text == evil }, "\(name)")
        }
    }

    @Test func everyPictureAndControlHasAName() throws {
        let page = try parsed()
        for chart in page["svg"] { #expect(chart.attributes["role"] == "img") }
        #expect(page["title"].count == 2, "of the page and of the chart")
        for control in page["button"] + page["input"] { #expect(control.attributes["aria-label"]?.isEmpty == false) }
        #expect(page["html"][0].attributes["lang"] == "en")
        for link in page["a"] {
            let target = String(try #require(link.attributes["href"]).dropFirst())
            #expect(page.elements.contains { $0.attributes["id"] == target })
        }
        let ids = page.elements.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
        #expect(page["html"].count == 1 && page["main"].count == 1 && page["h1"].count == 1)
    }

    @Test func lightDarkNarrowAndPrintedHaveRules() throws {
        let style = try parsed()["style"][0].text
        for rule in ["prefers-color-scheme:dark", "@media print", "max-width:600px", ":focus-visible"] { #expect(style.contains(rule)) }
    }

    @Test func aPageIsNeverReplaced() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a/b")
        try page().write(into: path)
        let first = try Data(contentsOf: URL(fileURLWithPath: path + "/index.html"))
        #expect(throws: FileError.self) { try ReportPage("other").write(into: path) }
        #expect(throws: FileError.self) { try ReportPage.requireRoom(in: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/index.html")) == first)
    }

    @Test func aFileIsNoFolder() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("file", holding: [1])
        #expect(throws: FileError.self) { try ReportPage.requireRoom(in: path) }
        #expect(throws: FileError.self) { try ReportPage.requireRoom(in: "") }
        try ReportPage.requireRoom(in: folder.file("new"))
        #expect(try folder.names == ["file"], "nothing is made before")
    }
}
