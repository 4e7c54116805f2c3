extension ForwardOperator {
    /// Whether the measurement lacks pixels here and there only: at most a quarter of them, each with one that is measured in all channels
    /// within two pixels. True where it lacks none.
    package var lacksScatteredPixelsOnly: Bool {
        let measured = measuredPixels()
        let missing = measured.count { !$0 }
        guard 4 * missing <= measured.count else { return false }
        let shape = measurementShape
        return missing == 0
            || measured.indices.allSatisfy { pixel in
                if measured[pixel] { return true }
                let (row, column) = (pixel / shape.width, pixel % shape.width)
                return offsetsWithinTwoPixels.contains { down, right in
                    let (row, column) = (row + down, column + right)
                    return row >= 0 && row < shape.height && column >= 0 && column < shape.width && measured[row * shape.width + column]
                }
            }
    }
}

private let offsetsWithinTwoPixels: [(Int, Int)] = [
    (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1), (-2, 0), (2, 0), (0, -2), (0, 2),
]
