/// Lines of a text table.
enum Columns {
    /// The cells, two blanks between them, each filled up to its width: a positive width aligns right, a negative one left.
    static func line(_ cells: [(text: String, width: Int)]) -> String {
        cells.map { text, width in
            let padding = String(repeating: " ", count: max(0, abs(width) - text.count))
            return width < 0 ? text + padding : padding + text
        }.joined(separator: "  ")
    }
}
