import Foundation
import Reglow

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

    private let shiftDown, shiftRight: Double

    private enum CodingKeys: String, CodingKey {
        case form, height, width, centre, shift
    }

    init(_ form: String, _ pointSpread: PointSpread) {
        self.form = form
        (height, width) = (pointSpread.height, pointSpread.width)
        centre = [pointSpread.height / 2, pointSpread.width / 2]
        let shift = pointSpread.displacement
        // A rounded sum has no shift of a millionth.
        func rounded(_ shift: Double) -> Double { abs(shift) < 1e-5 ? 0 : shift }
        (shiftDown, shiftRight) = (rounded(shift.down), rounded(shift.right))
        self.shift = [JSONNumber(shiftDown), JSONNumber(shiftRight)]
    }

    /// Shifts below this, in pixels, are not told.
    private static let leastShift = 0.05

    /// Nil where the centre of mass is at the centre, nearly.
    var shiftRemark: String? {
        guard hypot(shiftDown, shiftRight) >= Self.leastShift else { return nil }
        return """
            the centre of mass of the point spread is \(Self.text(of: (shiftDown, shiftRight))) of its centre, row \(centre[0]) and \
            column \(centre[1]) of \(height)x\(width) counted from 0: the restored image is moved against the blurred one by so much
            """
    }

    /// `24 pixels above and 3.5 pixels left`
    static func text(of shift: (down: Double, right: Double)) -> String {
        var parts: [String] = []
        func add(_ distance: Double, _ negative: String, _ positive: String) {
            guard abs(distance) >= 0.005 else { return }
            let number = String(format: "%g", (abs(distance) * 100).rounded() / 100)
            parts.append("\(number) \(number == "1" ? "pixel" : "pixels") \(distance < 0 ? negative : positive)")
        }
        add(shift.down, "above", "below")
        add(shift.right, "left", "right")
        return parts.isEmpty ? "0 pixels off" : parts.joined(separator: " and ")
    }
}
