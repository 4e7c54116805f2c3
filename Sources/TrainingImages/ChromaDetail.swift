import Glibc
import KernelInterface

/// Gives an image fine colour, which most files have lost: JPEG keeps chroma at half the resolution, or coarser.
///
/// In a scene the ratios of the colour channels vary slowly, so where brightness has detail, colour has the same. With Y the luma
/// of Rec. 601, B a Gaussian low-pass of deviation 1.5 pixels, and for each channel u of an image on the scale from 0 to 255
///
///     u + strength (t - luma of t),    t = (gain B u / (B Y + 8)) (Y - B Y)
///
/// which leaves Y as it is. The gains of the channels are near 1; that they differ stands for what ratios do vary.
package struct ChromaDetail: Hashable, Sendable {
    let strength: Float
    let gains: [Float]

    package init(strength: Float, gains: [Float] = [1, 1, 1]) {
        self.strength = strength
        self.gains = gains
    }

    /// Strength uniform up to 1.5, gains normal with deviation 0.15.
    init(_ generator: inout SeededGenerator) {
        strength = Float(1.5 * generator.nextUniform())
        gains = (0 ..< 3).map { _ in Float(1 + 0.15 * generator.nextNormal()) }
    }

    private static let luma: [Float] = [0.299, 0.587, 0.114]
    /// Keeps ratios finite in the dark, where 8 bits say little about colour.
    private static let darkness: Float = 8
    /// A Gaussian of deviation 1.5, from the centre outwards, before it is scaled to a sum of 1.
    private static let lowPass = (0 ... 4).map { Float(exp(-Double($0 * $0) / 4.5)) }

    /// Returns three planes of `size` x `size` bytes with fine colour, clipped and rounded.
    package func applied(to bytes: [UInt8], size: Int) -> [UInt8] {
        let count = size * size
        let planes = (0 ..< 3).map { channel in bytes[channel * count ..< (channel + 1) * count].map(Float.init) }
        let brightness = (0 ..< count).map { pixel in Self.luma(planes.map { $0[pixel] }) }
        let smoothBrightness = Self.smooth(brightness, size)
        let smoothPlanes = planes.map { Self.smooth($0, size) }
        var result = bytes
        for pixel in 0 ..< count {
            let detail = (brightness[pixel] - smoothBrightness[pixel]) / (smoothBrightness[pixel] + Self.darkness)
            let terms = (0 ..< 3).map { gains[$0] * smoothPlanes[$0][pixel] * detail }
            let grey = Self.luma(terms)
            for channel in 0 ..< 3 {
                let value = planes[channel][pixel] + strength * (terms[channel] - grey)
                result[channel * count + pixel] = UInt8(min(max(value, 0), 255).rounded())
            }
        }
        return result
    }

    private static func luma(_ colour: [Float]) -> Float {
        luma[0] * colour[0] + luma[1] * colour[1] + luma[2] * colour[2]
    }

    /// Along rows, then columns; at the border the last pixel goes on.
    private static func smooth(_ plane: [Float], _ size: Int) -> [Float] {
        let across = alongRows(plane, size)
        return transposed(alongRows(transposed(across, size), size), size)
    }

    private static func alongRows(_ plane: [Float], _ size: Int) -> [Float] {
        let sum = lowPass[0] + 2 * lowPass[1...].reduce(0, +)
        return (0 ..< size).flatMap { row in
            (0 ..< size).map { column in
                var value = lowPass[0] * plane[row * size + column]
                for offset in 1 ..< lowPass.count {
                    let (left, right) = (max(column - offset, 0), min(column + offset, size - 1))
                    value += lowPass[offset] * (plane[row * size + left] + plane[row * size + right])
                }
                return value / sum
            }
        }
    }

    private static func transposed(_ plane: [Float], _ size: Int) -> [Float] {
        (0 ..< size).flatMap { column in (0 ..< size).map { plane[$0 * size + column] } }
    }
}
