/// Bits per dimension over the steps of a training, as an SVG picture on white: training batches and validation images.
///
/// The first values may be far above the rest: the scale leaves out what is more than `highestPart` times as far above the lowest
/// value as the median. Long curves are drawn as means of neighbours.
package struct LossCurve {
    package let title: String

    /// (step, bits per dimension), by increasing step.
    private let training: [(x: Double, y: Double)]
    private let validation: [(x: Double, y: Double)]

    private static let width = 800.0
    private static let height = 480.0
    private static let plot = (left: 76.0, top: 56.0, right: 776.0, bottom: 420.0)
    private static let highestPart = 6.0
    private static let mostPoints = 500
    private static let trainingColour = "#4477aa"
    private static let validationColour = "#cc5522"

    package init(_ records: [TrainingRecord], title: String) {
        self.title = title
        training = Self.thinned(records.compactMap { record in record.bitsPerDimension.map { (Double(record.step), $0) } })
        validation = Self.thinned(records.compactMap { record in record.validationBitsPerDimension.map { (Double(record.step), $0) } })
    }

    /// The picture; without records it has empty axes.
    package func svg() -> String {
        let (left, top, right, bottom) = Self.plot
        let scale = Scale(points: training + validation, highestPart: Self.highestPart, plot: Self.plot)
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
            width="\(Int(Self.width))" height="\(Int(Self.height))" font-family="Helvetica, Arial, sans-serif" font-size="13">
            """,
            #"<rect width="100%" height="100%" fill="white"/>"#,
            #"<clipPath id="plot"><rect x="\#(left)" y="\#(top)" width="\#(right - left)" height="\#(bottom - top)"/></clipPath>"#,
            text(Self.escaped(title), x: left, y: 30, anchor: "start", colour: "#222222", size: 16),
        ]
        parts += axes(scale)
        parts += [
            curve(training, scale, colour: Self.trainingColour, width: 1.5),
            curve(validation, scale, colour: Self.validationColour, width: 2),
        ]
        parts += validation.count <= 60 ? validation.map { dot($0, scale) } : []
        return (parts + legend() + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private func axes(_ scale: Scale) -> [String] {
        let (left, top, right, bottom) = Self.plot
        let rows = AxisTicks(scale.y, count: 6)
        let columns = AxisTicks(scale.x, count: 7)
        let horizontal = rows.values.flatMap { value in
            let y = scale.top(value)
            return [
                line(left, y, right, y, colour: "#e4e4e4"),
                text(rows.label(value), x: left - 10, y: y + 4.5, anchor: "end"),
            ]
        }
        let vertical = columns.values.flatMap { value in
            let x = scale.left(value)
            return [
                line(x, bottom, x, bottom + 5, colour: "#666666"),
                text(columns.label(value), x: x, y: bottom + 21, anchor: "middle"),
            ]
        }
        return horizontal + vertical + [
            line(left, bottom, right, bottom, colour: "#666666"),
            line(left, top, left, bottom, colour: "#666666"),
            text("steps", x: (left + right) / 2, y: bottom + 45, anchor: "middle"),
            """
            <text transform="translate(22 \(Self.number((top + bottom) / 2))) rotate(-90)" text-anchor="middle" \
            fill="#444444">bits per dimension</text>
            """,
        ]
    }

    /// Above the plot, at the right: the curves' names with their last values.
    private func legend() -> [String] {
        let curves = [("training", training, Self.trainingColour), ("validation", validation, Self.validationColour)]
        let shown = curves.filter { !$0.1.isEmpty }
        return shown.enumerated().flatMap { index, curve in
            let (name, points, colour) = curve
            let x = Self.plot.right - 165 * Double(shown.count - index)
            let last = points.last.map { " \($0.y.fixed(3))" } ?? ""
            return [
                line(x, 25.5, x + 24, 25.5, colour: colour, width: 3),
                text(name + last, x: x + 31, y: 30, anchor: "start", colour: "#222222"),
            ]
        }
    }

    private func curve(_ points: [(x: Double, y: Double)], _ scale: Scale, colour: String, width: Double) -> String {
        let path = points.map { "\(Self.number(scale.left($0.x))),\(Self.number(scale.top($0.y)))" }.joined(separator: " ")
        return """
            <polyline points="\(path)" fill="none" stroke="\(colour)" stroke-width="\(width)" stroke-linejoin="round" \
            clip-path="url(#plot)"/>
            """
    }

    private func dot(_ point: (x: Double, y: Double), _ scale: Scale) -> String {
        """
        <circle cx="\(Self.number(scale.left(point.x)))" cy="\(Self.number(scale.top(point.y)))" r="3" \
        fill="\(Self.validationColour)" clip-path="url(#plot)"/>
        """
    }

    private func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String, width: Double = 1
    ) -> String {
        let ends = [("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)].map { "\($0)=\"\(Self.number($1))\"" }
        return "<line \(ends.joined(separator: " ")) stroke=\"\(colour)\" stroke-width=\"\(width)\"/>"
    }

    private func text(
        _ text: String, x: Double, y: Double, anchor: String, colour: String = "#444444", size: Int = 13
    ) -> String {
        """
        <text x="\(Self.number(x))" y="\(Self.number(y))" text-anchor="\(anchor)" fill="\(colour)" \
        font-size="\(size)">\(text)</text>
        """
    }

    private static func number(_ value: Double) -> String { value.fixed(2) }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }

    /// Returns at most `mostPoints` points, each the mean of as many neighbours.
    private static func thinned(_ points: [(Double, Double)]) -> [(x: Double, y: Double)] {
        let group = (points.count + mostPoints - 1) / mostPoints
        return stride(from: 0, to: points.count, by: max(1, group)).map { first in
            let part = points[first ..< min(first + group, points.count)]
            let sum = part.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
            return (sum.0 / Double(part.count), sum.1 / Double(part.count))
        }
    }
}

/// The map from steps and bits per dimension to places in the picture.
private struct Scale {
    let x: ClosedRange<Double>
    let y: ClosedRange<Double>
    private let plot: (left: Double, top: Double, right: Double, bottom: Double)

    init(
        points: [(x: Double, y: Double)], highestPart: Double,
        plot: (left: Double, top: Double, right: Double, bottom: Double)
    ) {
        let last = max(1, points.map(\.x).max() ?? 1)
        let sorted = points.map(\.y).sorted()
        let lowest = sorted.first ?? 0
        let median = sorted.isEmpty ? 1 : sorted[sorted.count / 2]
        let highest = sorted.last { $0 <= lowest + highestPart * (median - lowest) } ?? 1
        let margin = max(0.05 * (highest - lowest), 1e-3 * max(1, abs(highest)))
        x = 0 ... last
        y = lowest - margin ... highest + margin
        self.plot = plot
    }

    func left(_ step: Double) -> Double {
        plot.left + (plot.right - plot.left) * (step - x.lowerBound) / (x.upperBound - x.lowerBound)
    }

    func top(_ bits: Double) -> Double {
        plot.bottom - (plot.bottom - plot.top) * (bits - y.lowerBound) / (y.upperBound - y.lowerBound)
    }
}
