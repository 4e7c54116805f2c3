import Reglow
import TrainingReports

/// A point spread that is kept as an image or an array.
enum PointSpreadFile {
    /// The part of its light that rows and columns at the rim may hold that are cut off: what single precision does not tell from nothing.
    static let darkness = 1e-7

    /// The file as one channel, and what is to be told of its channels.
    ///
    /// - Throws: `FileError` that names the file.
    static func read(_ path: String, _ notes: Notes) throws -> (image: Image, remark: String?) {
        let image = try readImage(path, notes, scale: .free)
        let (count, channels) = (image.shape.pixels, image.shape.channels)
        guard channels > 1 else { return (image, nil) }
        let first = image.pixels[..<count]
        let isGrey = (1 ..< channels).allSatisfy { image.pixels[$0 * count ..< ($0 + 1) * count].elementsEqual(first) }
        if isGrey {
            return (
                try Image(shape: ImageShape(channels: 1, height: image.shape.height, width: image.shape.width), pixels: Array(first)), nil
            )
        }
        return (try image.channelMean(), "the point spread differs between its colours; the mean of its channels is taken for all")
    }

    /// What somebody should know of the numbers of a file.
    static func remarks(_ pointSpread: PointSpread) -> [String] {
        var remarks: [String] = []
        let numbers = pointSpread.values.map(Double.init)
        let sum = numbers.reduce(0, +)
        if abs(sum - 1) > 1e-4 { remarks.append("the point spread has the sum \(short(sum)); it is scaled to 1") }
        let negative = numbers.filter { $0 < 0 }
        if !negative.isEmpty {
            let part = 100 * negative.reduce(0, +) / sum
            remarks.append(
                "\(negative.count) of the \(numbers.count) entries of the point spread are negative, with \(short(part)) % of its sum")
        }
        if let background = background(pointSpread), sum > 0 {
            let part = 100 * background * Double(numbers.count) / sum
            remarks.append(
                """
                the rim of the point spread is not dark but \(short(100 * background / (numbers.max() ?? 1))) % of its peak; as a background \
                that is \(short(part)) % of all its light, a veil over the whole image: take it off if it is none
                """)
        }
        return remarks
    }

    /// The median of the rim, where it is so even and so much of the light that it looks like a background; nil elsewhere.
    private static func background(_ pointSpread: PointSpread) -> Double? {
        let (height, width) = (pointSpread.height, pointSpread.width)
        guard height >= 3, width >= 3 else { return nil }
        var rim: [Double] = []
        var (sum, peak) = (0.0, 0.0)
        for row in 0 ..< height {
            for column in 0 ..< width {
                let value = Double(pointSpread.values[row * width + column])
                if row == 0 || column == 0 || row == height - 1 || column == width - 1 { rim.append(value) }
                sum += value
                peak = max(peak, value)
            }
        }
        rim.sort()
        let median = rim[rim.count / 2]
        let isEven = rim[rim.count * 9 / 10] <= 2 * median && 2 * rim[rim.count / 10] >= median
        guard isEven, median > 0, peak >= 4 * median, median * Double(height * width) >= 0.02 * sum else { return nil }
        return median
    }

    private static func short(_ number: Double) -> String { number.general(4) }
}
