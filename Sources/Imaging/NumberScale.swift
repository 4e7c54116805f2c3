import Files
import Glibc

/// What the numbers of an array mean where its format does not say it.
public enum NumberScale: Hashable, Sendable {
    /// An image. The stored number `white` is white and numbers are divided by it; without it 1 is white for floats, and the largest
    /// number for unsigned integers of 8 and 16 bits. Values that are far outside of [0, 1] are refused.
    case image(white: Double? = nil)
    /// Numbers that are no brightness, such as a point spread: floats and integers of more than 16 bits as stored.
    case free

    /// The bounds of `white`.
    public static let whiteBounds = 1e-6 ... 1e30

    var white: Double? {
        if case .image(let white) = self { white } else { nil }
    }

    /// How far noise can take a value: seven deviations of the largest noise, 1.
    private static let reach: ClosedRange<Float> = -7 ... 8
    /// The most values that percentiles are taken of.
    private static let mostSamples = 1 << 16

    /// Refuses values that cannot be an image from 0 (black) to 1 (white) with noise of any deviation up to 1.
    ///
    /// These are, with s the noise from the median difference of neighbours in a row: single values beyond [-7, 8], a mean beyond [-0.5, 1.5], one percent of the values above 2 + 3 s, or five percent below -0.25 - 3 s.
    ///
    /// - Throws: `FileError` that names `path`, with the range of the values and what to do.
    func check(_ image: Image, path: String) throws {
        guard case .image(let white) = self else { return }
        var (lowest, highest, sum) = (Float.infinity, -Float.infinity, 0.0)
        for value in image.pixels {
            lowest = min(lowest, value)
            highest = max(highest, value)
            sum += Double(value)
        }
        if lowest >= -0.25, highest <= 2 { return }
        let mean = sum / Double(image.pixels.count)
        let step = (image.pixels.count - 1) / Self.mostSamples + 1
        let samples = stride(from: 0, to: image.pixels.count, by: step).map { image.pixels[$0] }.sorted()
        let noise = Self.noise(image, step: step)
        let upper = samples[(samples.count - 1) * 99 / 100]
        let lower = samples[samples.count / 20]
        if highest > Self.reach.upperBound || mean > 1.5 || upper > 2 + 3 * noise {
            throw FileError(path: path, reason: Self.tooBright(lowest, highest, typical: upper, white))
        }
        if lowest < Self.reach.lowerBound || mean < -0.5 || lower < -0.25 - 3 * noise {
            throw FileError(
                path: path,
                reason: "its values go from \(Self.short(lowest)) to \(Self.short(highest)), many far below black, which is 0; "
                    + "white is \(white.map { Self.short(Float($0)) } ?? "1"): map them to that scale, "
                    + "for an array from -1 to 1 by (array + 1) / 2")
        }
    }

    private static func tooBright(_ lowest: Float, _ highest: Float, typical: Float, _ white: Double?) -> String {
        let range =
            "its values\(white == nil ? "" : ", divided by \(short(Float(white ?? 1))),") go from \(short(lowest)) to \(short(highest)), "
            + "but black is 0 and white is 1"
        let guess =
            [255, 1023, 4095, 16383, 65535].first { Float($0) * 1.02 >= typical }
            ?? Int(clamping: Int64(highest < 1e18 ? highest.rounded(.up) : 1e18))
        return range + ": say which value is white (such as --range \(guess)), or divide the array by it"
    }

    /// The deviation of noise that the median difference of neighbours shows: |N(0, 2 s^2)| has the median 0.6745 * sqrt(2) s.
    private static func noise(_ image: Image, step: Int) -> Float {
        let width = image.shape.width
        let differences = stride(from: 0, to: image.pixels.count - 1, by: step).lazy.filter { $0 % width != width - 1 }
            .map { abs(image.pixels[$0 + 1] - image.pixels[$0]) }.sorted()
        return differences.isEmpty ? 0 : differences[differences.count / 2] / 0.9539
    }

    /// Four digits, as messages have them.
    private static func short(_ value: Float) -> String {
        let digits = (Double(value) * 1000).rounded() / 1000
        return digits == digits.rounded() && abs(digits) < 1e9 ? "\(Int(digits))" : "\(abs(value) < 1e6 ? Float(digits) : value)"
    }
}
