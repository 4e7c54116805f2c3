/// The colours of a chart, as CSS has them.
package struct ChartColours: Sendable {
    /// Nil leaves what lies behind the picture.
    package let background: String?
    package let title, text, axis, grid: String
    private let curves: [String]

    package init(background: String?, title: String, text: String, axis: String, grid: String, curves: [String]) {
        self.background = background
        (self.title, self.text, self.axis, self.grid) = (title, text, axis, grid)
        self.curves = curves
    }

    /// The colour of curve number `index`; after the last they begin again.
    package func series(_ index: Int) -> String { curves.isEmpty ? text : curves[index % curves.count] }

    /// Those of a picture on its own.
    package static let onWhite = ChartColours(
        background: "#ffffff", title: "#222222", text: "#444444", axis: "#666666", grid: "#e4e4e4",
        curves: ["#4477aa", "#cc5522", "#228833"])

    /// Those of a page, whose style sheet defines these names.
    package static let ofPage = ChartColours(
        background: nil, title: "var(--ink)", text: "var(--soft-ink)", axis: "var(--line)", grid: "var(--line)",
        curves: ["var(--curve-1)", "var(--curve-2)", "var(--curve-3)"])
}
