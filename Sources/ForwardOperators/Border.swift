/// What a blur takes for the pixels beyond the image's edge. Shown for a row a b c d:
public enum Border: String, CaseIterable, Sendable {
    /// `a b c d | a b c d | a b c d`: the image repeats.
    case periodic

    /// `d c b a | a b c d | d c b a`: mirrored at the pixel's outer edge, so that the outermost pixel appears twice.
    ///
    /// scipy.ndimage and OpenCV call this `reflect`, numpy `symmetric`. Of the two reflections it is the one with which a
    /// symmetric point spread of sum 1 keeps the total light of every image: then A' 1 = 1.
    case reflect

    /// `a a a a | a b c d | d d d d`: the outermost pixel goes on.
    case replicate

    /// `0 0 0 0 | a b c d | 0 0 0 0`: darkness.
    case zero
}

/// How one axis of an image lies in the larger array, the canvas, on which the circular convolution runs.
///
/// With a centre entry c of an extent of k point spread entries, the output at i reads the input from i - (k - 1 - c) to i + c.
/// Unless the border is periodic the canvas holds that many pixels on both sides; what is computed there is not used, so
/// that it may be larger still, to a size that FFTW likes.
struct CanvasAxis: Sendable {
    /// Length of the canvas.
    let size: Int

    /// Position of the image's first pixel on the canvas.
    let start: Int

    /// Positions beyond the image, each with the position in the image whose value it repeats. All others are 0.
    let repeats: [(position: Int, source: Int)]

    /// `extent` is at most `length`, so that a reflection reaches into the image only once.
    init(length: Int, extent: Int, border: Border) {
        if border == .periodic {
            self.init(size: length, start: 0, repeats: [])
            return
        }
        let after = extent / 2
        let start = extent - 1 - after
        let last = start + length - 1
        var repeats: [(position: Int, source: Int)] = []
        if border != .zero {
            for step in 0 ..< start {
                repeats.append((start - 1 - step, border == .reflect ? start + step : start))
            }
            for step in 0 ..< after {
                repeats.append((last + 1 + step, border == .reflect ? last - step : last))
            }
        }
        self.init(
            size: FourierTransform.convenientSize(atLeast: length + extent - 1), start: start, repeats: repeats)
    }

    private init(size: Int, start: Int, repeats: [(position: Int, source: Int)]) {
        self.size = size
        self.start = start
        self.repeats = repeats
    }
}
