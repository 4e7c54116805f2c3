import Plots

/// What pages are made of beside pictures and charts.
package enum PageParts {
    /// Names and values below one another.
    package static func facts(_ facts: [(name: String, value: String)]) -> Markup {
        .element("dl", ["class": "facts"], facts.flatMap { [.element("dt", [:], $0.name), .element("dd", [:], $0.value)] })
    }

    /// A table with the names of its columns.
    ///
    /// - Parameters:
    ///   - caption: what it shows.
    ///   - words: the columns that hold words, which may take several lines; the first does anyway.
    package static func table(_ caption: String, columns: [String], rows: [[Markup]], words: Set<Int> = []) -> Markup {
        let head = columns.map { Markup.element("th", ["scope": "col"], $0) }
        let body = rows.map { row in
            Markup.element(
                "tr", [:],
                row.enumerated().map { .element("td", words.contains($0.offset) ? ["class": "words"] : [:], [$0.element]) })
        }
        return .element(
            "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
            [
                .element(
                    "table", [:],
                    [
                        .element("caption", [:], caption), .element("thead", [:], [.element("tr", [:], head)]),
                        .element("tbody", [:], body),
                    ])
            ])
    }

    /// Pictures in a row that scrolls.
    package static func filmStrip(_ pictures: [PagePicture], label: String) -> Markup {
        .element(
            "ul", ["class": "strip", "tabindex": "0", "aria-label": label],
            pictures.map { picture in
                .element(
                    "li", [:],
                    [
                        .element(
                            "figure", [:],
                            [
                                .element(
                                    "div", ["class": "view", "style": "aspect-ratio:\(picture.width)/\(picture.height)"], [picture.element]),
                                picture.captionElement,
                            ])
                    ])
            })
    }

    /// Charts beside one another, in the colours of the page; those without two points are left out.
    package static func charts(_ charts: [LineChart]) -> Markup {
        let shown = charts.filter { chart in chart.series.contains { $0.points.count > 1 } }
        guard !shown.isEmpty else { return .group([]) }
        return .element(
            "div", ["class": "charts"],
            shown.map { chart in
                var chart = chart
                (chart.size, chart.colours) = (.small, .ofPage)
                return chart.markup
            })
    }

    /// What can be unfolded.
    package static func details(_ summary: String, _ parts: [Markup]) -> Markup {
        .element("details", [:], [.element("summary", [:], summary)] + parts)
    }

    /// The arguments of a command as a shell takes them.
    package static func shellLine(_ arguments: [String]) -> String {
        arguments.map { argument in
            let isPlain =
                !argument.isEmpty
                && argument.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"),
                        UInt8(ascii: "0") ... UInt8(ascii: "9"):
                        true
                    default: "-_./:=,+@%".utf8.contains(byte)
                    }
                }
            return isPlain ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}
