import Files
import Testing

@Suite struct NearestWordTests {
    private static let words = ["deblur", "denoise", "inpaint", "superres"]

    /// One letter may be put in, left out or changed, and of longer words a third.
    @Test(arguments: [
        ("deblur", "deblur"), ("deblurr", "deblur"), ("deblr", "deblur"), ("dablur", "deblur"), ("dablure", "deblur"),
        ("supperress", "superres"), ("denise", "denoise"),
    ])
    func aSlipIsUnderstood(word: String, meant: String) {
        #expect(NearestWord.to(word, among: Self.words) == meant)
    }

    @Test(arguments: ["", "x", "sharpen", "xeblxx"]) func anotherWordIsNot(word: String) {
        #expect(NearestWord.to(word, among: Self.words) == nil)
    }

    @Test func theNearestOfSeveralIsTaken() {
        #expect(NearestWord.to("gauss", among: ["gaus", "gauss", "gausss"]) == "gauss")
        #expect(NearestWord.to("ab", among: []) == nil)
    }
}
