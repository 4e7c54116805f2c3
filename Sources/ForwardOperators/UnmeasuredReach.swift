extension ForwardOperator {
    /// Whether the measurement lacks pixels here and there only: at most a quarter of them, each with one that is measured in all channels
    /// within two pixels. True where it lacks none.
    package var lacksScatteredPixelsOnly: Bool {
        let measured = measuredPixels()
        let missing = measured.count { !$0 }
        guard 4 * missing <= measured.count else { return false }
        return missing == 0 || isNear(measured, within: 2)
    }

    /// Whether the measurement lacks pixels in patches: one of them has none within four pixels that is measured in all channels.
    package var lacksPatches: Bool {
        let measured = measuredPixels()
        return measured.contains(false) && !isNear(measured, within: 4)
    }

    /// Whether each pixel of the measurement has a measured one within this distance.
    private func isNear(_ measured: [Bool], within radius: Int) -> Bool {
        let shape = measurementShape
        var offsets: [(down: Int, right: Int)] = []
        for squared in 1 ... radius * radius {
            for down in -radius ... radius {
                for right in -radius ... radius where down * down + right * right == squared { offsets.append((down, right)) }
            }
        }
        return measured.indices.allSatisfy { pixel in
            if measured[pixel] { return true }
            let (row, column) = (pixel / shape.width, pixel % shape.width)
            return offsets.contains { down, right in
                let (row, column) = (row + down, column + right)
                return row >= 0 && row < shape.height && column >= 0 && column < shape.width && measured[row * shape.width + column]
            }
        }
    }
}
