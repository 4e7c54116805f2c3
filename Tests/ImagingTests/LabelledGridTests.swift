import Imaging
import TestSupport
import Testing

@Suite struct LabelledGridTests {
    private func flat(_ height: Int, _ width: Int, _ level: Float) throws -> Image {
        try Image(channels: 3, height: height, width: width) { _, _, _ in level }
    }

    /// How many pixels of the red channel have exactly this level.
    private func count(_ level: Float, in sheet: Image) -> Int {
        sheet.pixels[..<sheet.shape.pixels].count { $0 == level }
    }

    @Test func everyImageIsEnlargedToItsPlace() throws {
        let grid = LabelledGrid(
            columnLabels: [], rowLabels: [],
            cells: [[.init(try flat(8, 12, 0.25)), .init(try flat(4, 6, 0.625))], [.init(try flat(3, 3, 0.3125))]], scale: 3)
        let sheet = try grid.rendered()
        #expect(count(0.25, in: sheet) == 8 * 12 * 9)
        // 4 x 6 fits 6 times into the place of 24 x 36; 3 x 3 fits 8 times.
        #expect(count(0.625, in: sheet) == 4 * 6 * 36)
        #expect(count(0.3125, in: sheet) == 3 * 3 * 64)
        #expect(sheet.shape.channels == 3)
        #expect(sheet.pixels.first == 1 && sheet.pixels.last == 1)
    }

    @Test func labelsMakeRoomForThemselves() throws {
        let bare = LabelledGrid(columnLabels: [], rowLabels: [], cells: [[.init(try flat(8, 8, 0.5))]])
        var labelled = bare
        labelled.columnLabels = ["a column label that is wider than its image"]
        labelled.rowLabels = ["row\nsecond line"]
        labelled.cells[0][0].caption = "31.80 dB"
        let (before, after) = (try bare.rendered(), try labelled.rendered())
        #expect(after.shape.height > before.shape.height && after.shape.width > before.shape.width)
        #expect(count(0.5, in: after) == count(0.5, in: before))
        #expect(count(0.1, in: before) == 0 && count(0.1, in: after) > 0)
    }

    @Test func scalesOutOfRangeAreMovedIntoIt() throws {
        let cells = [[LabelledGrid.Cell(try flat(2, 2, 0.5), caption: "x"), LabelledGrid.Cell(nil)], []]
        let small = LabelledGrid(columnLabels: [], rowLabels: [], cells: cells, scale: -5, textScale: 0)
        #expect(count(0.5, in: try small.rendered()) == 4)
        let large = LabelledGrid(columnLabels: [], rowLabels: [], cells: cells, scale: Int.max, textScale: 1)
        #expect(count(0.5, in: try large.rendered()) == 4 * 64 * 64)
        let tooLarge = LabelledGrid(columnLabels: [], rowLabels: [], cells: [[.init(try flat(1, 1 << 16, 0))]], scale: 64)
        #expect(throws: ImageError.self) { try tooLarge.rendered() }
    }
}
