import Plots

/// Pictures of one scene side by side, with one zoom for all, and two of them in one place behind a slider.
package struct PictureComparison {
    private let pictures: [PagePicture]
    private let name: String
    private let (left, right): (Int, Int)

    /// - Parameters:
    ///   - pictures: at least one; each is drawn in the height and width of the picture `right`.
    ///   - name: of the scene.
    ///   - left, right: which pictures the slider shows first.
    package init(_ pictures: [PagePicture], of name: String, left: Int, right: Int) {
        (self.pictures, self.name) = (pictures, name)
        (self.left, self.right) = (min(max(0, left), pictures.count - 1), min(max(0, right), pictures.count - 1))
    }

    package var markup: Markup {
        guard let shape = pictures.indices.contains(right) ? pictures[right] : pictures.first else { return .group([]) }
        let ratio = "aspect-ratio:\(shape.width)/\(shape.height)"
        let panes = pictures.map { picture in
            Markup.element(
                "figure", ["class": "pane"],
                [.element("div", ["class": "view", "style": ratio], [picture.element]), picture.captionElement])
        }
        let parts = [
            tools,
            .element(
                "div",
                [
                    "class": "panes", "tabindex": "0", "role": "group",
                    "aria-label": "Pictures of \(name). Plus and minus zoom all of them, arrows move, 0 shows them whole.",
                ], panes),
        ]
        return .element("div", ["data-compare": ""], parts + (pictures.count > 1 ? [slider(ratio)] : []))
    }

    private var tools: Markup {
        func button(_ text: String, _ label: String, _ zoom: String) -> Markup {
            .element("button", ["type": "button", "data-zoom": zoom, "aria-label": label], text)
        }
        return .element(
            "div", ["class": "tools", "hidden": "hidden"],
            [
                button("+", "Zoom in", "1.5"), button("\u{2212}", "Zoom out", "0.6667"), button("whole", "Show the whole pictures", "0"),
                .element("output", ["class": "soft"], "100 %"),
                .element("span", ["class": "soft"], "click the pictures, then + \u{2212} 0, arrows or the wheel; drag to move"),
            ])
    }

    private func slider(_ ratio: String) -> Markup {
        func choice(_ label: String, _ chosen: Int) -> Markup {
            let options = pictures.enumerated().map { index, picture -> Markup in
                index == chosen
                    ? .element("option", ["selected": "selected"], picture.caption) : .element("option", [:], picture.caption)
            }
            return .element("label", [:], [.text(label + " "), .element("select", [:], options)])
        }
        return .element(
            "div", ["class": "slider", "hidden": "hidden"],
            [
                .element("div", ["class": "tools"], [choice("left", left), choice("right", right)]),
                .element("div", ["class": "view", "style": ratio], [.element("div", ["class": "seam"])]),
                .element(
                    "input",
                    [
                        "type": "range", "min": "0", "max": "100", "step": "0.5", "value": "50",
                        "aria-label": "Where the two pictures of \(name) meet",
                    ]),
            ])
    }
}
