import ReportPages
import Testing

@Suite struct PagePartsTests {
    @Test func aShellTakesTheCommandBack() {
        #expect(
            PageParts.shellLine(["reglow", "restore", "a b.png", "it's", "", "--noise=0.1"])
                == "reglow restore 'a b.png' 'it'\\''s' '' --noise=0.1")
        #expect(PageParts.shellLine(["$(rm)", "`x`", "*"]) == "'$(rm)' '`x`' '*'")
    }
}
