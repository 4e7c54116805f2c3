import Plots
import TestSupport
import Testing

@Suite struct MarkupTests {
    @Test(arguments: ["<script>alert(1)</script>", "\"><img src=x onerror=y>", "a & b &amp; c", "it's", "]]>", "\u{0}\u{1b}[0m", "naïve ∆"])
    func whatComesFromOutsideIsTextAndNothingElse(_ name: String) throws {
        let markup = Markup.element("p", ["title": name], [.text(name), .element("b", [:], name)])
        let page = try #require(ParsedPage(markup.rendered))
        #expect(page.elements.map(\.name) == ["p", "b"])
        let expected = String(String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 32 ? "\u{fffd}" : $0 }))
        #expect(page["p"][0].attributes == ["title": expected] && page["p"][0].text == expected && page["b"][0].text == expected)
    }

    @Test func onlyVoidElementsCloseThemselves() {
        #expect(Markup.element("img", ["alt": "a"]).rendered == "<img alt=\"a\"/>")
        #expect(Markup.element("i").rendered == "<i></i>")
        #expect(Markup.group([.text("a"), .element("i", [:], "b")]).rendered == "a<i>b</i>")
    }

    @Test func codeIsNotEscaped() throws {
        let script = Markup.element("script", [:], [.code("if (1 < 2 && true) f();")])
        #expect(script.rendered.contains("if (1 < 2 && true) f();"))
        #expect(ParsedPage(script.rendered) != nil)
    }
}
