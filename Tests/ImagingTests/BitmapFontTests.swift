import Imaging
import Testing

/// Glyphs, as the labels of a grid show them.
@Suite struct BitmapFontTests {
    /// How many pixels of the red channel have exactly this level.
    private func count(_ level: Float, in sheet: Image) -> Int {
        sheet.pixels[..<sheet.shape.pixels].count { $0 == level }
    }

    /// The ink of a one-line label, as a count of dots.
    private func ink(_ text: String) throws -> Int {
        count(0.1, in: try LabelledGrid(columnLabels: [text], rowLabels: [], cells: [], textScale: 1).rendered())
    }

    @Test func everyPrintableCharacterHasItsOwnGlyph() throws {
        var sheets: Set<Image> = []
        for code in UInt8(32) ... 126 {
            let text = String(UnicodeScalar(code))
            #expect(try ink(text) > 0 || text == " ", "\(text)")
            sheets.insert(try LabelledGrid(columnLabels: [text + "0"], rowLabels: [], cells: [], textScale: 1).rendered())
        }
        #expect(sheets.count == 95)
        #expect(try ink("\u{e9}\u{1F600}\t") == 3 * ink("?"))
        #expect(try ink("Hello") == ["H", "e", "l", "l", "o"].map(ink).reduce(0, +))
    }

    @Test func digitsHaveOneWidth() throws {
        let widths = try (0 ... 9).map { digit in
            try LabelledGrid(columnLabels: ["\(digit)\(digit)"], rowLabels: [], cells: []).rendered().shape.width
        }
        #expect(Set(widths).count == 1)
    }
}
