import Reglow
import TrainingReports

/// The point spread of a blur, as reports describe it.
struct PointSpreadReport: Encodable {
    /// The form or the file that was given.
    let form: String
    let height: Int
    let width: Int
    /// Row and column of the entry that is the centre, counted from 0.
    let centre: [Int]
    /// How far below and to the right of the centre the light lies, in pixels: by this the blur moves an image.
    let shift: [JSONNumber]
    /// Which entry of a file was taken for its centre: middle, corner or mass.
    let centredAt: String?
    /// How far below and to the right of the file's middle entry the light lies in the file, before that.
    let fileShift: [JSONNumber]?

    private enum CodingKeys: String, CodingKey {
        case form, height, width, centre, shift, centredAt, fileShift
    }

    /// - Parameters:
    ///   - file: the point spread of a file as it stands in it.
    ///   - centre: which of its entries was taken for the centre.
    init(_ form: String, _ pointSpread: PointSpread, file: PointSpread? = nil, centre: PointSpread.Centre? = nil) {
        self.form = form
        (height, width) = (pointSpread.height, pointSpread.width)
        self.centre = [pointSpread.height / 2, pointSpread.width / 2]
        shift = Self.numbers(pointSpread.shownShift)
        centredAt = centre?.rawValue
        fileShift = file.map { Self.numbers($0.shownShift) }
    }

    private static func numbers(_ shift: (down: Double, right: Double)) -> [JSONNumber] {
        [JSONNumber(shift.down), JSONNumber(shift.right)]
    }
}
