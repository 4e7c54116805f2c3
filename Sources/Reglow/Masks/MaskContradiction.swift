import Imaging
import KernelInterface

/// A mask that does not seem to be the one of its picture.
///
/// A hole in a picture is filled with one colour, most often black or white. A mask whose known pixels are of one colour, while those that
/// it calls missing show a picture, is likely the opposite of the right one; one that keeps a patch of one colour of the hole's own
/// size, the mask of another picture or a turned one; one that keeps pixels of the hole's colour beside it, too small or shifted.
///
/// Of large pictures every second or n-th row and column is looked at, so that a million pixels are enough.
package enum MaskContradiction: Hashable, Sendable {
    /// So many of the known pixels are of one colour, of all that are known.
    case inverted(pixels: Int, known: Int, colour: String)
    /// A patch of so many pixels of one colour is known, while so many that show a picture are missing.
    case patch(pixels: Int, missing: Int, colour: String)
    /// So many pixels beside the hole have its colour and are known.
    case remainder(pixels: Int, colour: String)

    /// What is told of it.
    ///
    /// - Parameter advice: how the opposite mask is taken.
    package func remark(advice: String = " (--mask-inverted takes white as missing)") -> String {
        switch self {
        case .inverted(let pixels, let known, let colour):
            """
            contradicts the picture: \(pixels) of the \(known) pixels that it keeps are \(colour), and what it calls missing is \
            not of one colour; it may be the opposite\(advice)
            """
        case .patch(let pixels, let missing, let colour):
            """
            contradicts the picture: it keeps a patch of \(pixels) pixels that are \(colour), and the \(missing) that it calls missing \
            are not of one colour; it may be the mask of another picture, or turned
            """
        case .remainder(let pixels, let colour):
            """
            keeps \(pixels) pixels beside the hole that are \(colour), as the hole is: it may be too small, shifted or turned
            """
        }
    }

    /// Known pixels and missing ones from which anything is said.
    private static let fewest = 8

    /// Nil where nothing speaks against the mask.
    ///
    /// Pixels that are looked at.
    private static let mostPixels = 1 << 20

    /// - Parameter known: of each pixel of the picture, or of each of its numbers.
    package init?(_ image: Image, known: [Bool]) {
        let pixels = image.shape.pixels
        guard known.count >= pixels, known.count.isMultiple(of: pixels) else { return nil }
        let step = max(1, Int((Double(pixels) / Double(Self.mostPixels)).squareRoot().rounded(.up)))
        let colours = PixelColours(image, step: step)
        let isKnown = colours.places.map { pixel in (0 ..< known.count / pixels).allSatisfy { known[$0 * pixels + pixel] } }
        let (kept, missing) = (isKnown.count { $0 }, isKnown.count { !$0 })
        guard kept >= Self.fewest, missing >= Self.fewest else { return nil }
        let inKnown = colours.commonest { isKnown[$0] }
        let inMissing = colours.commonest { !isKnown[$0] }
        if 4 * inMissing.count >= missing {
            let isHole = colours.matches(inMissing.colour, tolerance: 2)
            let beside = Self.reached(
                from: isKnown.indices.filter { !isKnown[$0] }, within: isHole.indices.map { isHole[$0] && isKnown[$0] },
                width: colours.width)
            // A colour that is everywhere is that of the picture.
            if beside >= max(Self.fewest, missing / 20), beside <= 4 * missing, 2 * beside < kept {
                self = .remainder(pixels: beside * step * step, colour: colours.name(of: inMissing.colour))
                return
            }
        }
        guard 2 * inMissing.count < missing else { return nil }

        let isSame = colours.matches(inKnown.colour, tolerance: 8)
        let sameInMissing = isSame.indices.count { isSame[$0] && !isKnown[$0] }
        let sameInKnown = isSame.count { $0 } - sameInMissing
        let (partOfKnown, partOfMissing) = (Double(sameInKnown) / Double(kept), Double(sameInMissing) / Double(missing))
        if partOfMissing <= 0.1, partOfKnown >= 0.98 || (partOfKnown >= 0.5 && kept < missing) {
            self = .inverted(pixels: sameInKnown * step * step, known: kept * step * step, colour: colours.name(of: inKnown.colour))
            return
        }
        for extreme in colours.extremes {
            let isSame = colours.matches(extreme, tolerance: 2)
            guard isSame.indices.count(where: { isSame[$0] && !isKnown[$0] }) * 10 <= missing else { continue }
            let patch = Self.largestPatch(isSame.indices.map { isSame[$0] && isKnown[$0] }, width: colours.width)
            if patch >= missing / 2, patch <= 2 * missing {
                self = .patch(pixels: patch * step * step, missing: missing * step * step, colour: colours.name(of: extreme))
                return
            }
        }
        return nil
    }

    /// The most pixels that hang together by their sides.
    private static func largestPatch(_ isIn: [Bool], width: Int) -> Int {
        var rest = isIn
        var largest = 0
        for first in rest.indices where rest[first] { largest = max(largest, take(from: [first], of: &rest, width: width)) }
        return largest
    }

    /// How many of these pixels hang together with the others.
    private static func reached(from others: [Int], within isIn: [Bool], width: Int) -> Int {
        var rest = isIn
        return take(from: others, of: &rest, width: width)
    }

    /// Takes what hangs together with the first pixels, and says how much that is.
    private static func take(from first: [Int], of rest: inout [Bool], width: Int) -> Int {
        var waiting = first
        var size = 0
        for pixel in first where rest[pixel] {
            rest[pixel] = false
            size += 1
        }
        while let pixel = waiting.popLast() {
            let column = pixel % width
            var neighbours: [Int] = []
            if column > 0 { neighbours.append(pixel - 1) }
            if column < width - 1 { neighbours.append(pixel + 1) }
            if pixel >= width { neighbours.append(pixel - width) }
            if pixel + width < rest.count { neighbours.append(pixel + width) }
            for neighbour in neighbours where rest[neighbour] {
                rest[neighbour] = false
                size += 1
                waiting.append(neighbour)
            }
        }
        return size
    }
}

/// The colours of an image's pixels in steps of 8 bits.
private struct PixelColours {
    /// The pixels that are looked at, and how many of them a row has.
    let places: [Int]
    let width: Int
    private let steps: [SIMD3<Int32>]

    init(_ image: Image, step: Int) {
        let (shape, pixels) = (image.shape, image.shape.pixels)
        width = (shape.width + step - 1) / step
        places = stride(from: 0, to: shape.height, by: step).flatMap { row in
            stride(from: 0, to: shape.width, by: step).map { row * shape.width + $0 }
        }
        steps = places.map { pixel in
            var colour = SIMD3<Int32>(repeating: 0)
            for channel in 0 ..< 3 {
                let value = image.pixels[min(channel, image.shape.channels - 1) * pixels + pixel]
                // What is no number is a colour of its own.
                colour[channel] = value.isNaN ? -255 : Int32((min(max(value, -1), 2) * 255).rounded())
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

    /// The pixels that differ by no more than this in each channel: JPEG files do not keep a colour exactly.
    func matches(_ colour: SIMD3<Int32>, tolerance: Int32) -> [Bool] {
        steps.map { step in
            let difference = step &- colour
            return max(abs(difference.x), abs(difference.y), abs(difference.z)) <= tolerance
        }
    }

    func name(of colour: SIMD3<Int32>) -> String {
        if colour == SIMD3(repeating: 0) { return "black" }
        if colour == SIMD3(repeating: 255) { return "white" }
        if colour.x == colour.y, colour.y == colour.z { return "of one grey (\(colour.x) of 255)" }
        return "of one colour (\(colour.x), \(colour.y), \(colour.z) of 255)"
    }
}
