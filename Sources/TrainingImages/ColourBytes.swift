import Imaging
import KernelInterface

/// An RGB image of 8 bits: `samples[(channel * height + row) * width + column]`, a quarter of the memory of floats.
package struct ColourBytes: Hashable, Sendable {
    package let height: Int
    package let width: Int
    package let samples: [UInt8]

    /// The image rounded to the nearest of 256 levels. A grey image gives three equal channels.
    ///
    /// - Throws: `ScaleError` when a value is far outside of [0, 1], as in an array on the scale 0 to 255.
    package init(_ image: Image) throws {
        let (lowest, highest) = image.pixels.reduce((Float.infinity, -Float.infinity)) { (min($0.0, $1), max($0.1, $1)) }
        guard Self.scale.contains(lowest), Self.scale.contains(highest) else {
            throw ScaleError(lowest: lowest, highest: highest)
        }
        height = image.shape.height
        width = image.shape.width
        let bytes = image.pixels.map { UInt8((255 * min(max($0, 0), 1)).rounded()) }
        samples = image.shape.channels == 3 ? bytes : bytes + bytes + bytes
    }

    /// What noise and ringing can reach in an image on the scale from 0 to 1.
    private static let scale: ClosedRange<Float> = -1 ... 2

    var shortSide: Int { min(height, width) }
}

/// An image whose values are not on the scale from 0 (black) to 1 (white).
struct ScaleError: Error, CustomStringConvertible {
    let lowest: Float
    let highest: Float

    var description: String { "its values, \(lowest) to \(highest), are not on the scale from 0 to 1" }
}
