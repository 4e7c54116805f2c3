extension PointSpread {
    /// Without rows and columns at its rim that hold next to nothing, in pairs at opposite sides, so that the centre stays where it is.
    ///
    /// - Parameter loss: the part of the sum of magnitudes that may be lost; 0 cuts zeros only.
    /// - Throws: nothing for a point spread that exists.
    public func trimmed(losing loss: Double) throws(OperatorError) -> PointSpread {
        var light = 0.0
        // By the distance from the centre: what a point spread of one more row and column to each side has more.
        var rows = [Double](repeating: 0, count: height / 2 + 1)
        var columns = [Double](repeating: 0, count: width / 2 + 1)
        forEach { row, column, value in
            light += abs(value)
            rows[abs(row)] += abs(value)
            columns[abs(column)] += abs(value)
        }
        let (down, right) = (Self.reach(rows, allowed: loss * light / 2), Self.reach(columns, allowed: loss * light / 2))
        let (newHeight, newWidth) = (min(height, 2 * down + 1), min(width, 2 * right + 1))
        guard newHeight < height || newWidth < width else { return self }
        let (top, left) = (height / 2 - newHeight / 2, width / 2 - newWidth / 2)
        return try PointSpread(
            height: newHeight, width: newWidth,
            values: (0 ..< newHeight).flatMap { row in
                (0 ..< newWidth).map { values[(top + row) * width + left + $0] }
            })
    }

    /// The largest distance that is needed so that what is farther is not more than allowed.
    private static func reach(_ lightAtDistance: [Double], allowed: Double) -> Int {
        var lost = 0.0
        for distance in stride(from: lightAtDistance.count - 1, to: 0, by: -1) {
            lost += lightAtDistance[distance]
            if lost > allowed { return distance }
        }
        return 0
    }

    /// The part of the sum of magnitudes outside of the middle `height` x `width` entries.
    public func light(outside height: Int, _ width: Int) -> Double {
        var (all, inside) = (0.0, 0.0)
        let rows = -(height / 2) ..< height - height / 2
        let columns = -(width / 2) ..< width - width / 2
        forEach { row, column, value in
            all += abs(value)
            if rows.contains(row), columns.contains(column) { inside += abs(value) }
        }
        return all > 0 ? (all - inside) / all : 0
    }
}
