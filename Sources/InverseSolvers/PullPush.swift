import KernelInterface

/// Fills what is missing of a plane from what is near: means of known pixels over squares of 2, 4, 8, ... pixels, where each gap takes those of the
/// smallest squares that know something, interpolated linearly.
///
/// Source: S. J. Gortler et al., "The Lumigraph", 1996, section 3.4 (pull-push).
package enum PullPush {
    /// Fills one channel of `height` x `width` numbers.
    ///
    /// - Parameters:
    ///   - plane: what is known; the other numbers do not count.
    ///   - weights: 0 where a pixel is missing, 1 where it is known, and between for one that is known in part.
    /// - Returns: the plane as it was where all is known; 0 everywhere where nothing is.
    package static func fill(_ plane: [Float], weights: [Float], height: Int, width: Int) -> [Float] {
        guard height > 1 || width > 1, weights.contains(where: { $0 < 1 }) else {
            return zip(plane, weights).map { $1 > 0 ? $0 : 0 }
        }
        let (halfHeight, halfWidth) = ((height + 1) / 2, (width + 1) / 2)
        var sums = [Float](repeating: 0, count: halfHeight * halfWidth)
        var total = sums
        for row in 0 ..< height {
            for column in 0 ..< width {
                let (from, to) = (row * width + column, row / 2 * halfWidth + column / 2)
                guard weights[from] > 0 else { continue }
                sums[to] += weights[from] * plane[from]
                total[to] += weights[from]
            }
        }
        for index in sums.indices where total[index] > 0 { sums[index] /= total[index] }
        let coarse = fill(sums, weights: total.map { min($0, 1) }, height: halfHeight, width: halfWidth)
        var result = plane
        for row in 0 ..< height {
            // The centre of pixel i is at (i - 1/2) / 2 among the coarse ones.
            let (top, down) = place(row, of: halfHeight)
            for column in 0 ..< width where weights[row * width + column] < 1 {
                let (left, right) = place(column, of: halfWidth)
                func across(_ row: Int) -> Float {
                    let first = coarse[row * halfWidth + left]
                    return first + right * (coarse[row * halfWidth + min(left + 1, halfWidth - 1)] - first)
                }
                let above = across(top)
                let filled = above + down * (across(min(top + 1, halfHeight - 1)) - above)
                let weight = weights[row * width + column]
                result[row * width + column] = weight > 0 ? filled + weight * (plane[row * width + column] - filled) : filled
            }
        }
        return result
    }

    /// The coarse pixel before a fine one, and how far it is from there.
    private static func place(_ index: Int, of count: Int) -> (first: Int, fraction: Float) {
        let position = max(0, (Float(index) - 0.5) / 2)
        let first = min(Int(position), count - 1)
        return (first, min(position - Float(first), 1))
    }
}
