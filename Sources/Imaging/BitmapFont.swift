/// A small pixel font for printable ASCII.
///
/// Letters are as wide as they need to be, digits all have the same width, so that numbers stand under each other. At scale 1
/// capitals are 7 pixels high; larger sizes are integer multiples.
struct BitmapFont {
    /// One character: `ink[row]` has bit `column` set where there is ink.
    private struct Glyph {
        var ink: [UInt8]
        var width: Int
    }

    /// Rows from the top of a capital to the bottom of a descender, and to the baseline.
    static let height = BitmapFontGlyphs.rows
    static let capitalHeight = 7

    /// Blank columns between two characters, and the width of a space.
    private static let gap = 1
    private static let space = 3

    private static let firstCharacter = UInt8(ascii: " ")
    private static let glyphs = BitmapFontGlyphs.bands.flatMap(shapes).enumerated().map { offset, ink in
        let isDigit = (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains(firstCharacter + UInt8(offset))
        return isDigit ? Glyph(ink: ink, width: BitmapFontGlyphs.columns) : trimmed(ink)
    }

    /// Width in pixels of `text` at `scale`.
    static func width(of text: String, scale: Int) -> Int {
        let glyphs = glyphs(of: text)
        return scale * (glyphs.reduce(0) { $0 + $1.width } + gap * max(0, glyphs.count - 1))
    }

    /// Calls `ink(row, column)` for every square of `scale` x `scale` pixels of `text`, with the offset of its top left
    /// corner from the top left corner of the text. A character that is not printable ASCII shows as a question mark.
    static func draw(_ text: String, scale: Int, ink: (_ row: Int, _ column: Int) -> Void) {
        var left = 0
        for glyph in glyphs(of: text) {
            for (row, bits) in glyph.ink.enumerated() {
                for column in 0 ..< glyph.width where bits >> UInt8(column) & 1 == 1 {
                    ink(row * scale, (left + column) * scale)
                }
            }
            left += glyph.width + gap
        }
    }

    private static func glyphs(of text: String) -> [Glyph] {
        text.map { character in
            let code = character.asciiValue.map { Int($0) - Int(firstCharacter) } ?? -1
            return glyphs[glyphs.indices.contains(code) ? code : Int(UInt8(ascii: "?") - firstCharacter)]
        }
    }

    /// The ink of each character of one band, in order.
    private static func shapes(_ band: String) -> [[UInt8]] {
        let lines = band.split(separator: "\n").map { $0.split(separator: " ").map { Array($0.utf8) } }
        return lines[0].indices.map { index in
            lines.map { line in
                line[index].enumerated().reduce(UInt8(0)) { bits, cell in
                    cell.element == UInt8(ascii: "#") ? bits | 1 << UInt8(cell.offset) : bits
                }
            }
        }
    }

    /// Without its blank columns left and right.
    private static func trimmed(_ ink: [UInt8]) -> Glyph {
        let used = ink.reduce(0, |)
        guard used != 0 else { return Glyph(ink: ink, width: space) }
        let left = used.trailingZeroBitCount
        return Glyph(ink: ink.map { $0 >> UInt8(left) }, width: UInt8.bitWidth - used.leadingZeroBitCount - left)
    }
}
