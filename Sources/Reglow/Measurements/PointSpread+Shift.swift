import ForwardOperators
import Glibc
import TrainingReports

/// By how much a blur moves an image, in words.
extension PointSpread {
    /// How far below and to the right of the centre the light lies, where a rounded sum has no shift of a millionth.
    package var shownShift: (down: Double, right: Double) {
        func rounded(_ shift: Double) -> Double { abs(shift) < 1e-5 ? 0 : shift }
        let shift = displacement
        return (rounded(shift.down), rounded(shift.right))
    }

    /// Shifts below this, in pixels, are not told.
    private static let leastShift = 0.05

    /// This is nil where the centre of mass is at the centre, nearly.
    package var shiftRemark: String? {
        let shift = shownShift
        guard hypot(shift.down, shift.right) >= Self.leastShift else { return nil }
        return """
            the centre of mass of the point spread is \(Self.text(ofShift: shift)) of its centre, row \(height / 2) and \
            column \(width / 2) of \(height)x\(width) counted from 0: by so much it moves an image, and the restored one is moved back
            """
    }

    /// `24 pixels above and 3.5 pixels left`
    package static func text(ofShift shift: (down: Double, right: Double)) -> String {
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
