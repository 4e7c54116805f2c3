import KernelInterface

/// The windows of a picture that is too large to be solved whole.
///
/// Each is solved for itself with a rim of context, and its inner part is kept (`WindowAxis`). The rim covers what the measurement of
/// a pixel reads of its surroundings, and `context` pixels more, within which the influence of the rest fades through the prior.
public struct WindowGrid: Sendable {
    /// Pixels of the image beyond the reach of the measurement, on each side of a boundary.
    package static let context = 32
    /// Pixels over which neighbouring windows are faded into each other.
    static let fade = 32
    /// The largest window, in pixels of the image: more saves little work, and delays the first of them.
    static let mostPixels = 1 << 22

    package let rows: WindowAxis
    package let columns: WindowAxis
    /// Pixels of the image to an entry of the measurement, each way.
    let scale: Int
    /// Pixels that are shared with each neighbour.
    package let overlap: Int

    /// How many windows there are.
    public var count: Int { rows.spans.count * columns.spans.count }
    /// Height and width of the largest window, in pixels of the image.
    public var size: Problem.ImageSize { Problem.ImageSize(height: rows.longest * scale, width: columns.longest * scale) }

    /// The rows and columns of the measurement that a window takes; see `WindowAxis.spans`.
    func spans(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let (row, column) = index.quotientAndRemainder(dividingBy: columns.spans.count)
        return (rows.spans[row], columns.spans[column])
    }

    /// Adds the inner part of a window, which has the pixels `window`, to a picture.
    ///
    /// - Parameter size: of the picture.
    func add(_ window: [Float], _ index: Int, channels: Int, to picture: inout [Float], of size: Problem.ImageSize) {
        let (row, column) = index.quotientAndRemainder(dividingBy: columns.spans.count)
        let (rowSpan, columnSpan) = (rows.spans[row], columns.spans[column])
        let (height, width) = (rowSpan.count * scale, columnSpan.count * scale)
        let (top, left) = (rowSpan.lowerBound * scale, columnSpan.lowerBound * scale)
        let xs = max(0, -left) ..< min(width, size.width - left)
        let across = (0 ..< width).map { columns.weight(column, at: left + $0) }
        for y in max(0, -top) ..< min(height, size.height - top) {
            let down = rows.weight(row, at: top + y)
            if down == 0 { continue }
            for channel in 0 ..< channels {
                let source = (channel * height + y) * width
                let target = (channel * size.height + top + y) * size.width + left
                for x in xs where across[x] > 0 { picture[target + x] += down * across[x] * window[source + x] }
            }
        }
    }
}
