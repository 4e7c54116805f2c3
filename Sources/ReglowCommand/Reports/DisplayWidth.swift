/// How texts look on a terminal.
enum DisplayWidth {
    /// Columns that a text takes. Characters of East Asian scripts and emoji take two, combining marks none.
    static func columns(of text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + columns(of: $1) } }

    /// The text without control characters, which a name may hold and a terminal would obey.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }

    /// The end of a text, in at most so many columns; what is left out shows as an ellipsis.
    static func tail(_ text: String, columns: Int) -> String {
        if Self.columns(of: text) <= columns { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        var kept = Substring.UnicodeScalarView(text.unicodeScalars)
        var width = Self.columns(of: text)
        while width > columns - 1, let first = kept.popFirst() { width -= Self.columns(of: first) }
        // A mark without what it combines with.
        while let first = kept.first, Self.columns(of: first) == 0 { kept.removeFirst() }
        return "…" + String(Substring(kept))
    }

    /// The beginning of a text, in at most so many columns.
    static func head(_ text: String, columns: Int) -> String {
        var width = 0
        let kept = text.unicodeScalars.prefix { scalar in
            width += Self.columns(of: scalar)
            return width <= columns
        }
        return String(kept)
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }

    /// The wide and fullwidth blocks of Unicode's East Asian Width (UAX 11).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100 ... 0x115F, 0x2E80 ... 0x303E, 0x3041 ... 0x33FF, 0x3400 ... 0x4DBF, 0x4E00 ... 0x9FFF, 0xA000 ... 0xA4CF,
        0xA960 ... 0xA97F, 0xAC00 ... 0xD7A3, 0xF900 ... 0xFAFF, 0xFE30 ... 0xFE6F, 0xFF00 ... 0xFF60, 0xFFE0 ... 0xFFE6,
        0x1B000 ... 0x1B2FF, 0x1F300 ... 0x1F64F, 0x1F680 ... 0x1F6FF, 0x1F900 ... 0x1FAFF, 0x20000 ... 0x3FFFD,
    ]
}
