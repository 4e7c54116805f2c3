/// Curves over an axis, as a picture in SVG.
///
/// Long curves are drawn as means of neighbours. Numbers that are not finite are left out.
package struct LineChart: Sendable {
    /// One curve.
    package struct Series: Sendable {
        package let name: String
        /// (x, y), by increasing x.
        package let points: [(x: Double, y: Double)]
        /// The width of the line.
        package let width: Double
        /// Whether few points are marked each.
        package let hasDots: Bool

        package init(_ name: String, _ points: [(x: Double, y: Double)], width: Double = 2, hasDots: Bool = false) {
            self.name = name
            self.points = points
            self.width = width
            self.hasDots = hasDots
        }
    }

    /// Height and width of the picture, in units of its text's size, 13.
    package struct Size: Sendable {
        package let width, height: Double
        /// That of a picture on its own.
        package static let whole = Size(width: 800, height: 480)
        /// That of a picture among others on a page.
        package static let small = Size(width: 480, height: 300)
    }

    package var title: String
    /// The names of the axes.
    package var (x, y): (String, String)
    package var series: [Series]
    package var yExtent = ChartExtent.all
    package var asksForLogarithm = false
    /// Decimals of the last value of a curve, which stands beside its name; nil leaves it out.
    package var decimalsOfLast: Int?
    package var size = Size.whole
    package var colours = ChartColours.onWhite

    private static let mostPoints = 500
    private static let mostDots = 60

    package init(title: String = "", x: String, y: String, _ series: [Series]) {
        self.title = title
        (self.x, self.y) = (x, y)
        self.series = series
    }

    /// The picture as an element; without points it has empty axes.
    package var markup: Markup {
        let curves = series.map { Series($0.name, Self.thinned($0.points), width: $0.width, hasDots: $0.hasDots) }
        let plot = Plot(size, hasTitle: !title.isEmpty)
        let scales = (
            x: ChartScale(curves.flatMap { $0.points.map(\.x) }, .fromZero, from: plot.left, to: plot.right),
            y: ChartScale(
                curves.flatMap { $0.points.map(\.y) }, yExtent, asksForLogarithm: asksForLogarithm, from: plot.bottom, to: plot.top)
        )
        var parts: [Markup] = [.element("title", [:], description)]
        if let background = colours.background {
            parts.append(.element("rect", ["width": "100%", "height": "100%", "style": "fill:\(background)"]))
        }
        if !title.isEmpty { parts.append(text(title, x: plot.left, y: 30, anchor: "start", colour: colours.title, size: 16)) }
        parts += axes(plot, scales.x, scales.y)
        for (index, curve) in curves.enumerated() {
            let places = curve.points.map { (x: scales.x($0.x), y: min(max(scales.y($0.y), plot.top), plot.bottom)) }
            let colour = colours.series(index)
            parts.append(
                .element(
                    "polyline",
                    [
                        "points": places.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " "),
                        "style": "fill:none;stroke:\(colour);stroke-width:\(curve.width);stroke-linejoin:round",
                    ]))
            if curve.hasDots, places.count <= Self.mostDots {
                parts += places.map {
                    .element("circle", ["cx": Self.number($0.x), "cy": Self.number($0.y), "r": "3", "style": "fill:\(colour)"])
                }
            }
        }
        parts += legend(plot, curves)
        return .element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(Int(size.width)) \(Int(size.height))",
                "width": "\(Int(size.width))",
                "height": "\(Int(size.height))", "role": "img", "style": "font:13px Helvetica,Arial,sans-serif",
            ], parts)
    }

    /// What the picture shows, for those who do not see it.
    private var description: String {
        let ends = series.compactMap { curve in
            curve.points.last.map { "\(curve.name) ends at \($0.y.general(4)) after \($0.x.general(4))" }
        }
        return ([title.isEmpty ? "\(y) over \(x)" : title] + ends).joined(separator: "; ")
    }

    /// The rectangle of the curves.
    private struct Plot {
        let (left, top, right, bottom): (Double, Double, Double, Double)

        init(_ size: Size, hasTitle: Bool) {
            (left, right) = (76, size.width - 24)
            (top, bottom) = (hasTitle ? 56 : 44, size.height - 60)
        }
    }

    private func axes(_ plot: Plot, _ xScale: ChartScale, _ yScale: ChartScale) -> [Markup] {
        let horizontal = yScale.ticks(about: size.height > 400 ? 6 : 4).flatMap { value, label in
            let y = yScale(value)
            return [
                line(plot.left, y, plot.right, y, colour: colours.grid),
                text(label, x: plot.left - 10, y: y + 4.5, anchor: "end"),
            ]
        }
        let vertical = xScale.ticks(about: size.width > 600 ? 7 : 5).flatMap { value, label in
            let x = xScale(value)
            return [
                line(x, plot.bottom, x, plot.bottom + 5, colour: colours.axis),
                text(label, x: x, y: plot.bottom + 21, anchor: "middle"),
            ]
        }
        return horizontal + vertical + [
            line(plot.left, plot.bottom, plot.right, plot.bottom, colour: colours.axis),
            line(plot.left, plot.top, plot.left, plot.bottom, colour: colours.axis),
            text(x, x: (plot.left + plot.right) / 2, y: plot.bottom + 45, anchor: "middle"),
            .element(
                "text",
                [
                    "transform": "translate(18 \(Self.number((plot.top + plot.bottom) / 2))) rotate(-90)", "text-anchor": "middle",
                    "style": "fill:\(colours.text)",
                ], y),
        ]
    }

    /// Above the plot, at the right: the curves' names with their last values.
    private func legend(_ plot: Plot, _ curves: [Series]) -> [Markup] {
        let shown = curves.enumerated().filter { !$0.element.points.isEmpty }
        guard shown.count > 1 || decimalsOfLast != nil else { return [] }
        let room = min(165, (plot.right - plot.left) / Double(max(1, shown.count)))
        return shown.enumerated().flatMap { place, curve in
            let x = plot.right - room * Double(shown.count - place)
            let last = decimalsOfLast.flatMap { decimals in curve.element.points.last.map { " " + $0.y.fixed(decimals) } } ?? ""
            return [
                line(x, 25.5, x + 24, 25.5, colour: colours.series(curve.offset), width: 3),
                text(curve.element.name + last, x: x + 31, y: 30, anchor: "start", colour: colours.title),
            ]
        }
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String, width: Double = 1) -> Markup {
        .element(
            "line",
            [
                "x1": Self.number(x1), "y1": Self.number(y1), "x2": Self.number(x2), "y2": Self.number(y2),
                "style": "stroke:\(colour);stroke-width:\(width)",
            ])
    }

    private func text(_ text: String, x: Double, y: Double, anchor: String, colour: String? = nil, size: Int = 13) -> Markup {
        .element(
            "text",
            [
                "x": Self.number(x), "y": Self.number(y), "text-anchor": anchor,
                "style": "fill:\(colour ?? colours.text);font-size:\(size)px",
            ], text)
    }

    private static func number(_ value: Double) -> String { value.fixed(2) }

    /// Returns at most `mostPoints` points, each the mean of as many neighbours.
    private static func thinned(_ all: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        let points = all.filter { $0.x.isFinite && $0.y.isFinite }
        let group = (points.count + mostPoints - 1) / mostPoints
        return stride(from: 0, to: points.count, by: max(1, group)).map { first in
            let part = points[first ..< min(first + group, points.count)]
            let sum = part.reduce((0, 0)) { ($0.0 + $1.x, $0.1 + $1.y) }
            return (sum.0 / Double(part.count), sum.1 / Double(part.count))
        }
    }
}
