import Glibc

/// The point spread function p of a blur: what one bright pixel becomes.
///
/// `values` is row-major, `height` x `width`. Its centre is the entry (height / 2, width / 2), rounded down: the middle of an
/// odd size, and the lower right one of the two or four middle entries of an even size, as in scipy.ndimage.convolve. An
/// entry below and right of the centre moves light down and right. Arrays that are centred elsewhere: `centred(at:)`.
public struct PointSpread: Hashable, Sendable {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int
    /// The entries, row by row, with a sum of 1 where the point spread is `normalized`.
    public let values: [Float]

    /// Largest height and width of a point spread made from parameters.
    public static let largestSide = 1023

    /// A point spread as given, not normalized; see `normalized()`.
    ///
    /// - Throws: `OperatorError` when a side is below 1, `values` has not height * width numbers, or one is not finite.
    public init(height: Int, width: Int, values: [Float]) throws(OperatorError) {
        let (count, overflows) = height.multipliedReportingOverflow(by: width)
        guard height >= 1, width >= 1, !overflows else {
            throw OperatorError.outOfRange(
                parameter: "the size of the point spread", value: "\(height)x\(width)", allowed: "at least 1x1")
        }
        try OperatorError.requireCount(values.count, count, of: "point spread")
        try OperatorError.requireFinite(values, "point spread")
        self.height = height
        self.width = width
        self.values = values
    }

    /// Normalizes to a sum of 1; the division is in Double and rounds each entry once.
    ///
    /// The magnitudes must not cancel: sum >= 1e-6 * sum of magnitudes is asked for.
    init(height: Int, width: Int, normalizing weights: [Double]) throws(OperatorError) {
        let sum = weights.reduce(0, +)
        let magnitude = weights.reduce(0) { $0 + abs($1) }
        guard magnitude > 0, abs(sum) >= 1e-6 * magnitude else { throw OperatorError.pointSpreadSumsToZero }
        guard sum > 0 else { throw OperatorError.pointSpreadSumsToLess(sum) }
        try self.init(height: height, width: width, values: weights.map { Float($0 / sum) })
    }

    /// The same shape with a sum of 1, so that a blur keeps the mean brightness.
    ///
    /// - Throws: `OperatorError.pointSpreadSumsToZero` when |sum| is below 1e-6 of the sum of magnitudes, and
    ///   `.pointSpreadSumsToLess` when the sum is negative: such a blur would turn an image into its negative.
    public func normalized() throws(OperatorError) -> PointSpread {
        try PointSpread(height: height, width: width, normalizing: values.map(Double.init))
    }

    /// The mean over `size` x `size` pixels.
    ///
    /// - Throws: `OperatorError.outOfRange` when `size` is not in 1 ... `largestSide`.
    public static func uniform(_ size: Int) throws(OperatorError) -> PointSpread {
        try require(size >= 1 && size <= largestSide, "the size of the uniform point spread", "\(size)", "1 to \(largestSide)")
        return try PointSpread(
            height: size, width: size, normalizing: [Double](repeating: 1, count: size * size))
    }

    static func require(_ holds: Bool, _ parameter: String, _ value: String, _ allowed: String) throws(OperatorError) {
        if !holds { throw OperatorError.outOfRange(parameter: parameter, value: value, allowed: allowed) }
    }
}
