import Glibc

/// The peak signal-to-noise ratio in decibel of two images on the [0, 1] scale:
///
///     PSNR = 10 log10(1 / MSE),   MSE = mean over all channels and pixels of (first - second)^2
///
/// It is computed in Double and equal to `skimage.metrics.peak_signal_noise_ratio` with `data_range=1`. Equal images give infinity, which JSON
/// cannot hold: a caller that writes JSON has to treat it. A NaN in an image gives NaN.
///
/// - Throws: `ImageError.shapesDiffer`.
public func peakSignalToNoiseRatio(_ first: Image, _ second: Image) throws(ImageError) -> Double {
    guard first.shape == second.shape else { throw ImageError.shapesDiffer(first.shape, second.shape) }
    var sum = 0.0
    for (one, other) in zip(first.pixels, second.pixels) {
        let difference = Double(one) - Double(other)
        sum += difference * difference
    }
    return -10 * log10(sum / Double(first.shape.count))
}
