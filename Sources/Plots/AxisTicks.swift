import Glibc

/// Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.
struct AxisTicks {
    let step: Double
    let values: [Double]

    /// About `count` ticks inside of the range, ends included. The range has a positive, finite length.
    init(_ range: ClosedRange<Double>, count: Int) {
        let rough = (range.upperBound - range.lowerBound) / Double(max(1, count))
        let power = pow(10, log10(rough).rounded(.down))
        let step = power * ([1.0, 2, 5].first { $0 * power >= rough } ?? 10)
        let first = (range.lowerBound / step).rounded(.up)
        let last = (range.upperBound / step).rounded(.down)
        self.step = step
        values = stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// Writes a value with the decimals that tell neighbours apart, and thousands apart: `1.25`, `20,000`.
    func label(_ value: Double) -> String {
        let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        let text = abs(value).fixed(decimals)
        let whole = text.prefix { $0 != "." }
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return (value < 0 ? "-" : "") + grouped + text.dropFirst(whole.count)
    }
}
