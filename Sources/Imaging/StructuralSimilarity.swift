import Glibc

/// The mean structural similarity (SSIM) of two images on the [0, 1] scale.
///
/// With G the mean under a Gaussian window of standard deviation 1.5, cut at 11 x 11 pixels, per channel and pixel
///
///     SSIM = (2 m1 m2 + c1)(2 v12 + c2) / ((m1^2 + m2^2 + c1)(v1 + v2 + c2)),   c1 = 0.01^2, c2 = 0.03^2
///     m1 = G x1,   v1 = G x1^2 - m1^2,   v12 = G x1 x2 - m1 m2
///
/// averaged over the pixels whose window lies inside the image, then over the channels. In Double; equal to
/// `skimage.metrics.structural_similarity` with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
/// data_range=1`. That function pads the border by reflection and leaves a border of 5 pixels out of its average, so the
/// padding never counts. Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
///
/// - Returns: nil when the height or width is below 11: no window fits.
/// - Throws: `ImageError.shapesDiffer`.
public func structuralSimilarity(_ first: Image, _ second: Image) throws(ImageError) -> Double? {
    guard first.shape == second.shape else { throw ImageError.shapesDiffer(first.shape, second.shape) }
    let shape = first.shape
    guard let window = GaussianWindow(height: shape.height, width: shape.width) else { return nil }
    var sum = 0.0
    for channel in 0 ..< shape.channels {
        let range = channel * shape.pixels ..< (channel + 1) * shape.pixels
        sum += channelSimilarity(first.pixels[range], second.pixels[range], window)
    }
    return sum / Double(shape.channels)
}

/// The mean SSIM of one channel. Some rows of the plane are held at a time, so that the memory of a large picture is that of its pixels.
private func channelSimilarity(_ first: ArraySlice<Float>, _ second: ArraySlice<Float>, _ window: GaussianWindow) -> Double {
    let c1 = 0.01 * 0.01
    let c2 = 0.03 * 0.03
    /// x1, x2, their squares and their product.
    var means = (0 ..< 5).map { _ in window.makeMeans() }
    var sum = 0.0
    for row in 0 ..< window.height {
        let place = row * window.width
        let x1 = first[first.startIndex + place ..< first.startIndex + place + window.width].map(Double.init)
        let x2 = second[second.startIndex + place ..< second.startIndex + place + window.width].map(Double.init)
        means[0].add(x1, of: row, window)
        means[1].add(x2, of: row, window)
        means[2].add(zip(x1, x1).map(*), of: row, window)
        means[3].add(zip(x2, x2).map(*), of: row, window)
        means[4].add(zip(x1, x2).map(*), of: row, window)
        guard row >= GaussianWindow.size - 1 else { continue }
        for quantity in means.indices { means[quantity].finish(row, window) }
        for column in 0 ..< window.columns {
            let (m1, m2) = (means[0].values[column], means[1].values[column])
            let v1 = means[2].values[column] - m1 * m1
            let v2 = means[3].values[column] - m2 * m2
            let v12 = means[4].values[column] - m1 * m2
            sum += (2 * m1 * m2 + c1) * (2 * v12 + c2) / ((m1 * m1 + m2 * m2 + c1) * (v1 + v2 + c2))
        }
    }
    return sum / Double((window.height - GaussianWindow.size + 1) * window.columns)
}

/// The window of 11 x 11 pixels, as the outer product of its weights.
private struct GaussianWindow {
    /// 3.5 standard deviations of 1.5, rounded.
    static let radius = 5
    static let size = 2 * radius + 1

    let height: Int
    let width: Int
    /// Places of the window along a row.
    let columns: Int
    /// `weights[k]` is exp(-(k - 5)^2 / (2 * 1.5^2)), scaled to a sum of 1.
    let weights: [Double]

    /// Makes a window for planes of this size; nil when the window does not fit.
    init?(height: Int, width: Int) {
        guard height >= Self.size, width >= Self.size else { return nil }
        self.height = height
        self.width = width
        columns = width - Self.size + 1
        let raw = (-Self.radius ... Self.radius).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
        let sum = raw.reduce(0, +)
        weights = raw.map { $0 / sum }
    }

    func makeMeans() -> RowMeans {
        let row = [Double](repeating: 0, count: columns)
        return RowMeans(across: [[Double]](repeating: row, count: Self.size), values: row)
    }
}

/// The Gaussian means of one row of window places, from the last rows of a plane.
private struct RowMeans {
    /// The means along the rows of the last `GaussianWindow.size` rows, each in the place of its number modulo that size.
    var across: [[Double]]
    /// The means over whole windows.
    var values: [Double]

    /// Takes the next row of the plane.
    mutating func add(_ row: [Double], of number: Int, _ window: GaussianWindow) {
        let place = number % GaussianWindow.size
        for column in 0 ..< window.columns { across[place][column] = 0 }
        for (tap, weight) in window.weights.enumerated() { addScaled(weight, row, from: tap, to: &across[place]) }
    }

    /// Computes `values` of the windows whose last row is the one of this number, which was taken last.
    mutating func finish(_ number: Int, _ window: GaussianWindow) {
        for column in 0 ..< window.columns { values[column] = 0 }
        for (tap, weight) in window.weights.enumerated() {
            addScaled(weight, across[(number + 1 + tap) % GaussianWindow.size], from: 0, to: &values)
        }
    }
}

/// target[i] += weight * source[from + i] for all i.
private func addScaled(_ weight: Double, _ source: [Double], from: Int, to target: inout [Double]) {
    source.withUnsafeBufferPointer { source in
        target.withUnsafeMutableBufferPointer { target in
            for i in target.indices { target[i] += weight * source[from + i] }
        }
    }
}
