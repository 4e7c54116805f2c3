/// A piece of a page (HTML) or of a picture (SVG), written so that it is well-formed XML too.
///
/// Text and values of attributes are escaped as they are written: nothing that comes from outside, such as the name of a file, can become
/// markup.
package indirect enum Markup: Sendable {
    /// An element with its attributes, in their order, and what is in it.
    case node(name: String, attributes: [(name: String, value: String)], children: [Markup])
    /// Text as it is to be read.
    case text(String)
    /// The constant content of a `style` or `script` element, which is not escaped.
    case code(String)
    /// Pieces in a row.
    case group([Markup])

    /// Elements that have no content and no end tag in HTML.
    private static let void: Set<String> = ["meta", "img", "input", "br", "hr", "link"]

    /// An element with some pieces in it.
    package static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup]) -> Markup {
        .node(name: name, attributes: attributes.map { (name: $0.key, value: $0.value) }, children: children)
    }

    /// An element with a text, or nothing, in it.
    package static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String = "") -> Markup {
        element(name, attributes, text.isEmpty ? [] : [.text(text)])
    }

    /// The piece as text.
    package var rendered: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .group(let pieces):
            for piece in pieces { piece.write(to: &text) }
        case .text(let plain): text += Self.escaped(plain)
        case .code(let code): text += "/*<![CDATA[*/\n\(code)\n/*]]>*/"
        case .node(let name, let attributes, let children):
            text += "<\(name)"
            for attribute in attributes { text += " \(attribute.name)=\"\(Self.escaped(attribute.value))\"" }
            if Self.void.contains(name) {
                text += "/>"
                return
            }
            text += ">"
            for child in children { child.write(to: &text) }
            text += "</\(name)>"
            if Self.blocks.contains(name) { text += "\n" }
        }
    }

    /// Elements after which a line ends, so that the source can be read.
    private static let blocks: Set<String> = [
        "html", "head", "body", "title", "style", "script", "section", "header", "footer", "main", "figure", "table", "tr", "h1", "h2",
        "h3",
        "p", "ul", "li", "dl", "svg", "g", "line", "polyline", "rect", "details", "div",
    ]

    /// The text with the characters that XML keeps for itself as entities, and those that it does not have as U+FFFD.
    package static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
            case "\u{0}" ... "\u{1f}", "\u{7f}" ... "\u{9f}", "\u{fffe}", "\u{ffff}": escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
