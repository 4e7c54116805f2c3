/// Says where everything of a `LabelledGrid` goes, in pixels of the sheet.
struct GridLayout {
    /// Distances that grow with the text.
    struct Spacing {
        let textScale: Int

        var margin: Int { 10 * textScale }
        var rowLabelGap: Int { 10 * textScale }
        var columnLabelGap: Int { 2 * textScale }
        var columnGap: Int { 8 * textScale }
        var rowGap: Int { 8 * textScale }
        var captionGap: Int { 4 * textScale }
        var textHeight: Int { BitmapFont.height * textScale }
        var lineHeight: Int { (BitmapFont.height + 2) * textScale }
    }

    let spacing: Spacing

    /// The size of each place for an image.
    let boxHeight: Int
    let boxWidth: Int

    /// The width of the box or of the widest text over or under it.
    let columnWidths: [Int]

    /// The size of the sheet.
    let height: Int
    let width: Int

    private let firstTop: Int
    private let firstLeft: Int
    private let rowPitch: Int

    init(_ grid: LabelledGrid) {
        let spacing = Spacing(textScale: min(max(grid.textScale, 1), 64))
        let scale = min(max(grid.scale, 1), 64)
        func widest(_ texts: [String]) -> Int {
            texts.flatMap(Self.lines(of:)).map { BitmapFont.width(of: $0, scale: spacing.textScale) }.max() ?? 0
        }

        let shapes = grid.cells.joined().compactMap(\.image?.shape)
        let boxHeight = scale * (shapes.map(\.height).max() ?? 0)
        let boxWidth = scale * (shapes.map(\.width).max() ?? 0)
        let columns = max(grid.columnLabels.count, grid.cells.map(\.count).max() ?? 0)
        columnWidths = (0 ..< columns).map { column in
            let captions = grid.cells.compactMap { $0.dropFirst(column).first?.caption }
            return max(boxWidth, widest(captions + grid.columnLabels.dropFirst(column).prefix(1)))
        }

        let rowLabelWidth = widest(grid.rowLabels)
        firstLeft = spacing.margin + (rowLabelWidth == 0 ? 0 : rowLabelWidth + spacing.rowLabelGap)
        width = firstLeft + columnWidths.reduce(0, +) + max(0, columns - 1) * spacing.columnGap + spacing.margin

        let headerLines = grid.columnLabels.map { Self.lines(of: $0).count }.max() ?? 0
        firstTop = spacing.margin + (headerLines == 0 ? 0 : headerLines * spacing.lineHeight + spacing.columnLabelGap)
        let hasCaptions = grid.cells.joined().contains { !$0.caption.isEmpty }
        rowPitch = boxHeight + (hasCaptions ? spacing.captionGap + spacing.textHeight : 0) + spacing.rowGap
        let rows = max(grid.rowLabels.count, grid.cells.count)
        height = firstTop + rows * rowPitch - (rows == 0 ? 0 : spacing.rowGap) + spacing.margin

        self.spacing = spacing
        self.boxHeight = boxHeight
        self.boxWidth = boxWidth
    }

    func top(ofRow row: Int) -> Int { firstTop + row * rowPitch }

    func left(ofColumn column: Int) -> Int {
        firstLeft + columnWidths[..<column].reduce(0, +) + column * spacing.columnGap
    }

    /// The distance from the top of the first of `lines` lines to the baseline of the last one.
    func textHeight(_ lines: Int) -> Int {
        (lines - 1) * spacing.lineHeight + BitmapFont.capitalHeight * spacing.textScale
    }

    /// The lines of a label.
    static func lines(of label: String) -> [String] {
        label.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
