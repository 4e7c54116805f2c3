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

    /// `? ? ? ? | a b c d | ? ? ? ?`: nothing is assumed. Measured is only what depends on the image alone, so that the measurement is
    /// smaller than the image: by the rows and columns of the point spread less one.
    ///
    /// This is how a photograph sees its scene: the image is the scene, and the photograph is a window of it. scipy.signal and numpy call it
    /// `valid`.
    case unknown
}

/// How one axis of an image lies in the larger array, the canvas, on which the circular convolution runs.
///
/// With a centre entry c of an extent of k point spread entries, the output at i reads the input from i - (k - 1 - c) to i + c.
/// Unless the border is periodic or unknown the canvas holds that many pixels on both sides; what is computed there is not used, so
/// that it may be larger still, to a size that FFTW likes. With an unknown border the canvas holds the image alone, and the outputs
/// that would read beyond it are not used.
struct CanvasAxis: Sendable {
    /// Length of the canvas.
    let size: Int

    /// Positions of the image on the canvas.
    let image: Range<Int>

    /// Positions on the canvas of what is measured.
    let measured: Range<Int>

    /// Positions beyond the image, each with the position in the image whose value it repeats. All others are 0.
    let repeats: [(position: Int, source: Int)]

    /// `extent` is at most `length`, so that a reflection reaches into the image only once, and a window has an entry.
    init(length: Int, extent: Int, border: Border) {
        let after = extent / 2
        let before = extent - 1 - after
        switch border {
        case .periodic:
            self.init(size: length, image: 0 ..< length, measured: 0 ..< length, repeats: [])
        case .unknown:
            self.init(
                size: FourierTransform.convenientSize(atLeast: length), image: 0 ..< length, measured: before ..< length - after,
                repeats: [])
        case .reflect, .replicate, .zero:
            let image = before ..< before + length
            var repeats: [(position: Int, source: Int)] = []
            if border != .zero {
                for step in 0 ..< before {
                    repeats.append((before - 1 - step, border == .reflect ? before + step : before))
                }
                let last = image.upperBound - 1
                for step in 0 ..< after {
                    repeats.append((last + 1 + step, border == .reflect ? last - step : last))
                }
            }
            self.init(
                size: FourierTransform.convenientSize(atLeast: length + extent - 1), image: image, measured: image, repeats: repeats)
        }
    }

    private init(size: Int, image: Range<Int>, measured: Range<Int>, repeats: [(position: Int, source: Int)]) {
        (self.size, self.image, self.measured, self.repeats) = (size, image, measured, repeats)
    }
}
