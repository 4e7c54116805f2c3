import KernelInterface

/// The pixels of a measured image that lie in a square of 3x3 measured pixels of one colour: letterboxes, synthetic areas, drawings, clipped
/// places. White noise of more than half a rounding leaves hardly any such square, so they hold no noise.
package struct ConstantAreas {
    private static let side = 3

    /// Whether each pixel of the plane lies in a constant area.
    package let contains: [Bool]
    /// How many those are.
    package var count: Int { contains.count { $0 } }

    /// - Parameters:
    ///   - measurement: planar, with `shape`.
    ///   - measured: which of its pixels count; nil is all.
    package init(_ measurement: [Float], _ shape: ImageShape, measured: [Bool]? = nil) {
        var contains = [Bool](repeating: false, count: shape.pixels)
        let side = Self.side
        for row in 0 ..< max(0, shape.height - side + 1) {
            for first in row * shape.width ..< row * shape.width + max(0, shape.width - side + 1) {
                guard Self.isConstant(measurement, shape, at: first, side: side, measured) else { continue }
                for i in 0 ..< side { for j in 0 ..< side { contains[first + i * shape.width + j] = true } }
            }
        }
        self.contains = contains
    }

    /// Whether a square has one value in each channel.
    static func isConstant(_ y: [Float], _ shape: ImageShape, at first: Int, side: Int, _ measured: [Bool]? = nil) -> Bool {
        for channel in 0 ..< shape.channels {
            let start = channel * shape.pixels + first
            for row in 0 ..< side {
                for column in 0 ..< side {
                    let offset = row * shape.width + column
                    if y[start + offset] != y[start] || measured?[first + offset] == false { return false }
                }
            }
        }
        return true
    }
}
