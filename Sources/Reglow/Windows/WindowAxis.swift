/// How one side of a measurement is cut into overlapping windows of one length, and how much each counts for a pixel.
///
/// Each boundary lies in the middle of an overlap. Around it the weight passes from one window to the next, in a ramp of `fade` pixels of
/// the image; what lies further out in a window is context, of which nothing is kept. The weights of all windows add up to 1.
package struct WindowAxis: Equatable {
    /// Entries of the measurement along this side.
    package let length: Int
    /// The entries of each window, in order. With an extension they begin before 0 and end behind `length`.
    package let spans: [Range<Int>]
    /// Pixels of the image to an entry.
    private let scale: Int
    private let fade: Int

    /// - Parameters:
    ///   - extension: entries that are added before the first and behind the last, a multiple of `multiple`.
    ///   - window: the longest window, a multiple of `multiple`, longer than the overlap by `multiple` at least.
    ///   - overlap: entries that neighbours share, at least.
    ///   - multiple: what the first entry of each window is a multiple of.
    ///   - fade: pixels, at most `overlap * scale`.
    package init(length: Int, extension added: Int = 0, window: Int, overlap: Int, multiple: Int, scale: Int = 1, fade: Int) {
        (self.length, self.scale, self.fade) = (length, scale, max(1, fade))
        let whole = length + 2 * added
        guard whole > window else {
            spans = [-added ..< length + added]
            return
        }
        let step = max(multiple, window - overlap)
        let count = (whole - overlap + step - 1) / step
        let size = min(window, Self.up((whole + (count - 1) * overlap + count - 1) / count, multiple))
        spans = (0 ..< count).map { index in
            let start = index == count - 1 ? Self.up(whole - size, multiple) : index * (whole - size) / (count - 1) / multiple * multiple
            return start - added ..< min(start + size, whole) - added
        }
    }

    private static func up(_ number: Int, _ multiple: Int) -> Int { (number + multiple - 1) / multiple * multiple }

    /// The longest of the windows.
    package var longest: Int { spans.map(\.count).max() ?? 0 }

    /// What window `index` counts for the pixel of the image at this position, from 0 to 1.
    package func weight(_ index: Int, at pixel: Int) -> Float {
        let (left, right) = (ramp(before: index, at: pixel), ramp(before: index + 1, at: pixel))
        return left * (1 - right)
    }

    /// The weight that rises from 0 to 1 around the boundary between window `index - 1` and window `index`.
    private func ramp(before index: Int, at pixel: Int) -> Float {
        if index == 0 { return 1 }
        if index == spans.count { return 0 }
        let twiceCentre = (spans[index - 1].upperBound + spans[index].lowerBound) * scale
        // Twice the distance of the pixel's middle from the boundary, which is a whole number.
        let distance = 2 * pixel + 1 - twiceCentre
        return min(max(Float(distance + fade) / Float(2 * fade), 0), 1)
    }
}
