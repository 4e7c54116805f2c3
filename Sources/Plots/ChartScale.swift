import Glibc

/// What of a range of numbers a chart shows.
package enum ChartExtent: Sendable {
    /// All of it, and zero.
    case fromZero
    /// All of it.
    case all
    /// Not what is more than so many times as far above the lowest number as the median.
    case withoutOutliers(Double)
}

/// The map from the numbers of a chart to places in its picture, along one axis.
struct ChartScale {
    let range: ClosedRange<Double>
    let isLogarithmic: Bool
    private let first, last: Double

    /// Powers of ten that a logarithmic axis spans at least; below, a linear one tells more.
    private static let leastDecades = 0.7

    /// - Parameters:
    ///   - numbers: what is to be shown; those that are not finite are left out.
    ///   - asksForLogarithm: a logarithmic axis, where all numbers are above 0 and far enough apart.
    ///   - places: where the ends of the range lie.
    init(_ numbers: [Double], _ extent: ChartExtent, asksForLogarithm: Bool = false, from first: Double, to last: Double) {
        (self.first, self.last) = (first, last)
        let sorted = numbers.filter(\.isFinite).sorted()
        let lowest = sorted.first ?? 0
        var highest = sorted.last ?? 1
        if case .withoutOutliers(let part) = extent, !sorted.isEmpty {
            let median = sorted[sorted.count / 2]
            highest = sorted.last { $0 <= lowest + part * (median - lowest) } ?? 1
        }
        isLogarithmic = asksForLogarithm && lowest > 0 && log10(highest / lowest) >= Self.leastDecades
        switch extent {
        case .fromZero: range = 0 ... (highest > 0 ? highest : 1)
        case .all, .withoutOutliers:
            if isLogarithmic {
                let margin = pow(highest / lowest, 0.05)
                range = lowest / margin ... highest * margin
            } else {
                let margin = max(0.05 * (highest - lowest), 1e-3 * max(abs(highest), abs(lowest), .leastNormalMagnitude), 1e-9)
                range = lowest - margin ... highest + margin
            }
        }
    }

    /// The place of a number.
    func callAsFunction(_ number: Double) -> Double {
        let part =
            isLogarithmic
            ? log(number / range.lowerBound) / log(range.upperBound / range.lowerBound)
            : (number - range.lowerBound) / (range.upperBound - range.lowerBound)
        return first + (last - first) * part
    }

    /// Round numbers in the range, with their labels.
    func ticks(about count: Int) -> [(value: Double, label: String)] {
        guard isLogarithmic else {
            let ticks = AxisTicks(range, count: count)
            return ticks.values.map { ($0, ticks.label($0)) }
        }
        let decades = Int(log10(range.lowerBound).rounded(.down)) ... Int(log10(range.upperBound).rounded(.up))
        let factors: [Double] = decades.count <= 3 ? [1, 2, 5] : [1]
        let stride = max(1, (decades.count + count - 1) / count)
        return decades.filter { ($0 - decades.lowerBound) % stride == 0 }.flatMap { decade in factors.map { $0 * pow(10, Double(decade)) } }
            .filter(range.contains).map { ($0, $0.general(4)) }
    }
}
