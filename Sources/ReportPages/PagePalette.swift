/// The colours of a page by their names in its style sheet, in light and in dark.
package struct PagePalette: Sendable {
    /// Six hexadecimal digits after a number sign.
    package let colours: KeyValuePairs<String, String>

    package static let light = PagePalette(colours: [
        "ground": "#ffffff", "panel": "#f3f5f8", "ink": "#1a1d21", "soft-ink": "#4d545d", "line": "#c5cbd4", "accent": "#1d5fa8",
        "ok": "#1a6b34", "doubtful": "#8a5200", "unusable": "#a3211f", "curve-1": "#2f6db5", "curve-2": "#b8501a", "curve-3": "#1f7a3a",
    ])
    package static let dark = PagePalette(colours: [
        "ground": "#15181c", "panel": "#1f242a", "ink": "#eceff3", "soft-ink": "#aeb6c1", "line": "#454d57", "accent": "#7cb4f2",
        "ok": "#6fcf8a", "doubtful": "#f0b35a", "unusable": "#ff8d85", "curve-1": "#7cb4f2", "curve-2": "#f0a070", "curve-3": "#6fcf8a",
    ])

    /// The names of what text is written in, and what it is written on.
    package static let inks = ["ink", "soft-ink", "accent", "ok", "doubtful", "unusable"]
    package static let grounds = ["ground", "panel"]

    /// The declarations of a style sheet.
    var css: String { colours.map { "--\($0.key):\($0.value)" }.joined(separator: ";") }
}
