import Foundation
import FoundationXML

/// A page or a picture in SVG, read by a parser of XML.
package final class ParsedPage: NSObject, XMLParserDelegate {
    package struct Element {
        package let name: String
        package let attributes: [String: String]
        /// The text directly in it.
        package var text: String
    }

    /// All elements, in the order in which they begin.
    package private(set) var elements: [Element] = []
    private var open: [Int] = []

    /// Nil where it is not well-formed.
    package init?(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    /// The elements of a name, their texts without the line ends around them.
    package subscript(_ name: String) -> [Element] {
        elements.filter { $0.name == name }.map { element in
            var element = element
            element.text = element.text.trimmingCharacters(in: .newlines)
            return element
        }
    }

    /// How many cells each row of each table has.
    package var cellCounts: [[Int]] {
        var tables: [[Int]] = []
        for element in elements {
            switch element.name {
            case "table": tables.append([])
            case "tr": tables[tables.count - 1].append(0)
            case "th", "td": tables[tables.count - 1][tables[tables.count - 1].count - 1] += 1
            default: break
            }
        }
        return tables
    }

    package func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
    ) {
        open.append(elements.count)
        elements.append(Element(name: name, attributes: attributes, text: ""))
    }

    package func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        open.removeLast()
    }

    package func parser(_ parser: XMLParser, foundCharacters string: String) {
        if let last = open.last { elements[last].text += string }
    }

    package func parser(_ parser: XMLParser, foundCDATA data: Data) {
        if let last = open.last { elements[last].text += String(decoding: data, as: UTF8.self) }
    }
}
