import ForwardOperators
import TrainingReports

/// A point spread that was made elsewhere and is kept as numbers: scaled to a sum of 1, with its centre in the middle, and without a dark rim.
package struct ArrayPointSpread {
    /// What a blur takes.
    package let pointSpread: PointSpread
    /// What was given, with a sum of 1.
    package let normalized: PointSpread
    /// Which of its entries was taken for the centre.
    package let centre: PointSpread.Centre
    /// What somebody should know of it.
    package private(set) var remarks: [Remark] = []

    /// A sentence, and what it is about, where a caller has more to say of that.
    package struct Remark {
        package let text: String
        package let subject: Subject

        package enum Subject { case numbers, corner, shift }
    }

    /// The part of its light that rows and columns at the rim may hold that are cut off: what single precision does not tell from nothing.
    private static let darkness = 1e-7

    /// - Parameters:
    ///   - given: the numbers as they were kept.
    ///   - centre: which entry is the centre; nil is the first where the light lies around it, else the middle.
    /// - Throws: `OperatorError` for numbers that are no point spread.
    package init(_ given: PointSpread, centre: PointSpread.Centre?) throws {
        normalized = try given.normalized()
        remarks = Self.remarks(of: given).map { Remark(text: $0, subject: .numbers) }
        let isAtCorner = centre == nil && normalized.looksCentredAtCorner
        self.centre = centre ?? (isAtCorner ? .corner : .middle)
        if isAtCorner {
            remarks.append(
                Remark(
                    text: """
                        its light lies around its first entry, as FFT code keeps a point spread, not around its middle \
                        (\(PointSpread.text(ofShift: normalized.displacement)) of it): the first entry is taken as the centre
                        """, subject: .corner))
        }
        let whole = try normalized.centred(at: self.centre)
        pointSpread = try whole.trimmed(losing: Self.darkness)
        if pointSpread.height != whole.height || pointSpread.width != whole.width {
            let sizes = "\(whole.height)x\(whole.width) to \(pointSpread.height)x\(pointSpread.width)"
            remarks.append(Remark(text: "cut from \(sizes) around its centre: the rest is dark", subject: .numbers))
        }
        if let remark = whole.shiftRemark { remarks.append(Remark(text: remark, subject: .shift)) }
    }

    /// What somebody should know of the numbers as they are.
    private static func remarks(of pointSpread: PointSpread) -> [String] {
        var remarks: [String] = []
        let numbers = pointSpread.values.map(Double.init)
        let sum = numbers.reduce(0, +)
        if abs(sum - 1) > 1e-4 { remarks.append("the point spread has the sum \(short(sum)); it is scaled to 1") }
        let negative = numbers.filter { $0 < 0 }
        if !negative.isEmpty {
            let part = 100 * negative.reduce(0, +) / sum
            remarks.append(
                "\(negative.count) of the \(numbers.count) entries of the point spread are negative, with \(short(part)) % of its sum")
        }
        if let background = background(pointSpread), sum > 0 {
            let part = 100 * background * Double(numbers.count) / sum
            remarks.append(
                """
                the rim of the point spread is not dark but \(short(100 * background / (numbers.max() ?? 1))) % of its peak; as a background \
                that is \(short(part)) % of all its light, a veil over the whole image: take it off if it is none
                """)
        }
        return remarks
    }

    /// The median of the rim, where it is so even and so much of the light that it looks like a background; nil elsewhere.
    private static func background(_ pointSpread: PointSpread) -> Double? {
        let (height, width) = (pointSpread.height, pointSpread.width)
        guard height >= 3, width >= 3 else { return nil }
        var rim: [Double] = []
        var (sum, peak) = (0.0, 0.0)
        for row in 0 ..< height {
            for column in 0 ..< width {
                let value = Double(pointSpread.values[row * width + column])
                if row == 0 || column == 0 || row == height - 1 || column == width - 1 { rim.append(value) }
                sum += value
                peak = max(peak, value)
            }
        }
        rim.sort()
        let median = rim[rim.count / 2]
        let isEven = rim[rim.count * 9 / 10] <= 2 * median && 2 * rim[rim.count / 10] >= median
        guard isEven, median > 0, peak >= 4 * median, median * Double(height * width) >= 0.02 * sum else { return nil }
        return median
    }

    private static func short(_ number: Double) -> String { number.general(4) }
}
