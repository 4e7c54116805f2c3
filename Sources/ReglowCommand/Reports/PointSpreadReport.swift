import Glibc
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

    private let shiftDown, shiftRight: Double

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
        let shift = pointSpread.displacement
        // A rounded sum has no shift of a millionth.
        func rounded(_ shift: Double) -> Double { abs(shift) < 1e-5 ? 0 : shift }
        (shiftDown, shiftRight) = (rounded(shift.down), rounded(shift.right))
        self.shift = [JSONNumber(shiftDown), JSONNumber(shiftRight)]
        centredAt = centre?.rawValue
        fileShift = file.map { [JSONNumber(rounded($0.displacement.down)), JSONNumber(rounded($0.displacement.right))] }
    }

    /// Shifts below this, in pixels, are not told.
    private static let leastShift = 0.05

    /// This is nil where the centre of mass is at the centre, nearly.
    var shiftRemark: String? {
        guard hypot(shiftDown, shiftRight) >= Self.leastShift else { return nil }
        return """
            the centre of mass of the point spread is \(Self.text(of: (shiftDown, shiftRight))) of its centre, row \(centre[0]) and \
            column \(centre[1]) of \(height)x\(width) counted from 0: by so much it moves an image, and the restored one is moved back
            """
    }

    /// `24 pixels above and 3.5 pixels left`
    static func text(of shift: (down: Double, right: Double)) -> String {
        var parts: [String] = []
        func add(_ distance: Double, _ negative: String, _ positive: String) {
            guard abs(distance) >= 0.005 else { return }
            let number = ((abs(distance) * 100).rounded() / 100).general(6)
            parts.append("\(number) \(number == "1" ? "pixel" : "pixels") \(distance < 0 ? negative : positive)")
        }
        add(shift.down, "above", "below")
        add(shift.right, "left", "right")
        return parts.isEmpty ? "0 pixels off" : parts.joined(separator: " and ")
    }
}
