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
public func structuralSimilarity(_ first: Image, _ second: Image) throws -> Double? {
    guard first.shape == second.shape else { throw ImageError.shapesDiffer(first.shape, second.shape) }
    let shape = first.shape
    guard let window = GaussianWindow(height: shape.height, width: shape.width) else { return nil }
    var sum = 0.0
    for channel in 0 ..< shape.channels {
        let range = channel * shape.pixels ..< (channel + 1) * shape.pixels
        sum += channelSimilarity(first.pixels[range].map(Double.init), second.pixels[range].map(Double.init), window)
    }
    return sum / Double(shape.channels)
}

/// The mean SSIM of one channel.
private func channelSimilarity(_ first: [Double], _ second: [Double], _ window: GaussianWindow) -> Double {
    let c1 = 0.01 * 0.01
    let c2 = 0.03 * 0.03
    let mean1 = window.means(of: first)
    let mean2 = window.means(of: second)
    let square1 = window.means(of: zip(first, first).map(*))
    let square2 = window.means(of: zip(second, second).map(*))
    let product = window.means(of: zip(first, second).map(*))
    var sum = 0.0
    for pixel in mean1.indices {
        let (m1, m2) = (mean1[pixel], mean2[pixel])
        let v1 = square1[pixel] - m1 * m1
        let v2 = square2[pixel] - m2 * m2
        let v12 = product[pixel] - m1 * m2
        sum += (2 * m1 * m2 + c1) * (2 * v12 + c2) / ((m1 * m1 + m2 * m2 + c1) * (v1 + v2 + c2))
    }
    return sum / Double(mean1.count)
}

/// Gaussian means over 11 x 11 pixels, where the whole window lies inside the plane.
private struct GaussianWindow {
    /// 3.5 standard deviations of 1.5, rounded.
    static let radius = 5
    static let size = 2 * radius + 1

    let height: Int
    let width: Int
    /// `weights[k]` is exp(-(k - 5)^2 / (2 * 1.5^2)), scaled to a sum of 1. The window is their outer product.
    let weights: [Double]

    /// For planes of this size; nil when the window does not fit.
    init?(height: Int, width: Int) {
        guard height >= Self.size, width >= Self.size else { return nil }
        self.height = height
        self.width = width
        let raw = (-Self.radius ... Self.radius).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
        let sum = raw.reduce(0, +)
        weights = raw.map { $0 / sum }
    }

    /// `height * width` values to `(height - 10) * (width - 10)` means.
    func means(of plane: [Double]) -> [Double] {
        let columns = width - Self.size + 1
        let rows = height - Self.size + 1
        var across = [Double](repeating: 0, count: height * columns)
        for row in 0 ..< height {
            for (tap, weight) in weights.enumerated() {
                addScaled(weight, plane, from: row * width + tap, to: &across, at: row * columns, count: columns)
            }
        }
        var means = [Double](repeating: 0, count: rows * columns)
        for row in 0 ..< rows {
            for (tap, weight) in weights.enumerated() {
                addScaled(weight, across, from: (row + tap) * columns, to: &means, at: row * columns, count: columns)
            }
        }
        return means
    }

    /// target[at + i] += weight * source[from + i] for i in 0 ..< count.
    private func addScaled(
        _ weight: Double, _ source: [Double], from: Int, to target: inout [Double], at: Int, count: Int
    ) {
        source.withUnsafeBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                for i in 0 ..< count { target[at + i] += weight * source[from + i] }
            }
        }
    }
}
