/// A sheet of images in rows and columns, with labels at the left and on top and a caption under each image.
///
///                  column label   column label
///     row label       [image]        [image]
///                     caption        caption
///
/// All places for an image have one size, that of the largest image times `scale`. A smaller image, such as the measurement
/// in super-resolution, is enlarged by the largest integer that fits; pixels stay sharp squares. Labels may have several
/// lines; the first is darker. Text is printable ASCII, other characters show as question marks.
package struct LabelledGrid: Sendable {
    /// One place of the sheet. Without an image it shows an empty box with the caption under it.
    package struct Cell: Sendable {
        package var image: Image?
        package var caption: String

        package init(_ image: Image?, caption: String = "") {
            self.image = image
            self.caption = caption
        }
    }

    package var columnLabels: [String]
    package var rowLabels: [String]

    /// `cells[row][column]`; a row may be shorter than the others.
    package var cells: [[Cell]]

    /// Screen pixels per pixel of the largest image, and per dot of the text; values outside 1 ... 64 are moved into it.
    package var scale: Int
    package var textScale: Int

    package init(columnLabels: [String], rowLabels: [String], cells: [[Cell]], scale: Int = 3, textScale: Int = 2) {
        self.columnLabels = columnLabels
        self.rowLabels = rowLabels
        self.cells = cells
        self.scale = scale
        self.textScale = textScale
    }

    /// The sheet as an RGB image on white.
    ///
    /// - Throws: `ImageError` when it would be larger than `Image.maximumPixels`.
    package func rendered() throws -> Image {
        let layout = GridLayout(self)
        var canvas = try Canvas(height: layout.height, width: layout.width)
        for (column, label) in columnLabels.enumerated() {
            draw(GridLayout.lines(of: label), &canvas, layout, top: layout.spacing.margin) { width in
                layout.left(ofColumn: column) + (layout.columnWidths[column] - width) / 2
            }
        }
        for (row, label) in rowLabels.enumerated() {
            let lines = GridLayout.lines(of: label)
            let top = layout.top(ofRow: row) + (layout.boxHeight - layout.textHeight(lines.count)) / 2
            draw(lines, &canvas, layout, top: top) { _ in layout.spacing.margin }
        }
        for (row, line) in cells.enumerated() {
            for (column, cell) in line.enumerated() {
                try draw(cell, &canvas, layout, row: row, column: column)
            }
        }
        return try canvas.image()
    }

    private func draw(_ cell: Cell, _ canvas: inout Canvas, _ layout: GridLayout, row: Int, column: Int) throws {
        let top = layout.top(ofRow: row)
        let left = layout.left(ofColumn: column) + (layout.columnWidths[column] - layout.boxWidth) / 2
        canvas.fill(
            row: top - 1, column: left - 1, height: layout.boxHeight + 2, width: layout.boxWidth + 2, level: Shade.frame)
        canvas.fill(row: top, column: left, height: layout.boxHeight, width: layout.boxWidth, level: Shade.box)
        if let image = cell.image {
            let (height, width) = (image.shape.height, image.shape.width)
            let factor = min(layout.boxHeight / height, layout.boxWidth / width)
            try canvas.draw(
                image, factor: factor, row: top + (layout.boxHeight - factor * height) / 2,
                column: left + (layout.boxWidth - factor * width) / 2)
        }
        let spacing = layout.spacing
        let captionWidth = BitmapFont.width(of: cell.caption, scale: spacing.textScale)
        canvas.draw(
            cell.caption, scale: spacing.textScale, level: Shade.secondary,
            row: top + layout.boxHeight + spacing.captionGap,
            column: layout.left(ofColumn: column) + (layout.columnWidths[column] - captionWidth) / 2)
    }

    /// Lines of a label under each other; `left` gives the column where a line of some width starts.
    private func draw(
        _ lines: [String], _ canvas: inout Canvas, _ layout: GridLayout, top: Int, left: (_ width: Int) -> Int
    ) {
        for (index, line) in lines.enumerated() {
            canvas.draw(
                line, scale: layout.spacing.textScale, level: index == 0 ? Shade.primary : Shade.secondary,
                row: top + index * layout.spacing.lineHeight,
                column: left(BitmapFont.width(of: line, scale: layout.spacing.textScale)))
        }
    }

    /// Grey levels of the sheet.
    private enum Shade {
        static let primary: Float = 0.1
        static let secondary: Float = 0.4
        static let frame: Float = 0.8
        static let box: Float = 0.94
    }
}
