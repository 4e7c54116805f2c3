import Imaging
import KernelInterface

/// A mask that does not seem to be the one of its picture.
///
/// A hole in a picture is filled with one colour, most often black or white. A mask whose known pixels are of one colour, while those that
/// it calls missing show a picture, is likely the opposite of the right one; one that keeps a patch of one colour of the hole's own
/// size, the mask of another picture or a turned one.
public enum MaskContradiction: Hashable, Sendable {
    /// So many of the known pixels are of one colour, of all that are known.
    case inverted(pixels: Int, known: Int, colour: String)
    /// A patch of so many pixels of one colour is known, while so many that show a picture are missing.
    case patch(pixels: Int, missing: Int, colour: String)

    public var remark: String {
        switch self {
        case .inverted(let pixels, let known, let colour):
            """
            contradicts the picture: \(pixels) of the \(known) pixels that it keeps are \(colour), and what it calls missing is \
            not of one colour; it may be the opposite (--mask-inverted takes white as missing)
            """
        case .patch(let pixels, let missing, let colour):
            """
            contradicts the picture: it keeps a patch of \(pixels) pixels that are \(colour), and the \(missing) that it calls missing \
            are not of one colour; it may be the mask of another picture, or turned
            """
        }
    }

    /// Known pixels and missing ones from which anything is said.
    private static let fewest = 8

    /// Nil where nothing speaks against the mask.
    ///
    /// - Parameter known: of each pixel of the picture, or of each of its numbers.
    public init?(_ image: Image, known: [Bool]) {
        let pixels = image.shape.pixels
        guard known.count >= pixels, known.count.isMultiple(of: pixels) else { return nil }
        let isKnown = (0 ..< pixels).map { pixel in (0 ..< known.count / pixels).allSatisfy { known[$0 * pixels + pixel] } }
        let colours = PixelColours(image)
        let (kept, missing) = (isKnown.count { $0 }, isKnown.count { !$0 })
        guard kept >= Self.fewest, missing >= Self.fewest else { return nil }
        let inKnown = colours.commonest { isKnown[$0] }
        let inMissing = colours.commonest { !isKnown[$0] }
        guard 2 * inMissing.count < missing else { return nil }

        let isSame = colours.matches(inKnown.colour)
        let sameInMissing = isSame.indices.count { isSame[$0] && !isKnown[$0] }
        let sameInKnown = isSame.count { $0 } - sameInMissing
        let (partOfKnown, partOfMissing) = (Double(sameInKnown) / Double(kept), Double(sameInMissing) / Double(missing))
        if partOfMissing <= 0.1, partOfKnown >= 0.98 || (partOfKnown >= 0.5 && kept < missing) {
            self = .inverted(pixels: sameInKnown, known: kept, colour: colours.name(of: inKnown.colour))
            return
        }
        for extreme in colours.extremes {
            let isSame = colours.matches(extreme)
            guard isSame.indices.count(where: { isSame[$0] && !isKnown[$0] }) * 10 <= missing else { continue }
            let patch = Self.largestPatch(isSame.indices.map { isSame[$0] && isKnown[$0] }, image.shape)
            if patch >= missing / 2, patch <= 2 * missing {
                self = .patch(pixels: patch, missing: missing, colour: colours.name(of: extreme))
                return
            }
        }
        return nil
    }

    /// The most pixels that hang together by their sides.
    private static func largestPatch(_ isIn: [Bool], _ shape: ImageShape) -> Int {
        var rest = isIn
        var largest = 0
        for first in rest.indices where rest[first] {
            rest[first] = false
            var waiting = [first]
            var size = 0
            while let pixel = waiting.popLast() {
                size += 1
                let column = pixel % shape.width
                var neighbours: [Int] = []
                if column > 0 { neighbours.append(pixel - 1) }
                if column < shape.width - 1 { neighbours.append(pixel + 1) }
                if pixel >= shape.width { neighbours.append(pixel - shape.width) }
                if pixel + shape.width < rest.count { neighbours.append(pixel + shape.width) }
                for neighbour in neighbours where rest[neighbour] {
                    rest[neighbour] = false
                    waiting.append(neighbour)
                }
            }
            largest = max(largest, size)
        }
        return largest
    }
}

/// The colours of an image's pixels in steps of 8 bits. Two that differ by two steps in each channel count as the same: JPEG files do not keep
/// them exactly.
private struct PixelColours {
    private let channels: Int
    private let steps: [SIMD3<Int32>]

    init(_ image: Image) {
        channels = image.shape.channels
        let pixels = image.shape.pixels
        steps = (0 ..< pixels).map { pixel in
            var colour = SIMD3<Int32>(repeating: 0)
            for channel in 0 ..< 3 {
                let value = image.pixels[min(channel, image.shape.channels - 1) * pixels + pixel]
                colour[channel] = Int32((min(max(value, -1), 2) * 255).rounded())
            }
            return colour
        }
    }

    /// Black and white.
    var extremes: [SIMD3<Int32>] { [SIMD3(repeating: 0), SIMD3(repeating: 255)] }

    /// The commonest colour of those pixels, and how many have it exactly.
    func commonest(where isIn: (Int) -> Bool) -> (colour: SIMD3<Int32>, count: Int) {
        var counts: [SIMD3<Int32>: Int] = [:]
        for pixel in steps.indices where isIn(pixel) { counts[steps[pixel], default: 0] += 1 }
        let first = counts.max { ($0.value, $1.key.x, $1.key.y, $1.key.z) < ($1.value, $0.key.x, $0.key.y, $0.key.z) }
        return (first?.key ?? SIMD3(repeating: 0), first?.value ?? 0)
    }

    func matches(_ colour: SIMD3<Int32>) -> [Bool] {
        steps.map { step in
            let difference = step &- colour
            return abs(difference.x) <= 2 && abs(difference.y) <= 2 && abs(difference.z) <= 2
        }
    }

    func name(of colour: SIMD3<Int32>) -> String {
        if colour == SIMD3(repeating: 0) { return "black" }
        if colour == SIMD3(repeating: 255) { return "white" }
        if colour.x == colour.y, colour.y == colour.z { return "of one grey (\(colour.x) of 255)" }
        return "of one colour (\(colour.x), \(colour.y), \(colour.z) of 255)"
    }
}
