import GlowModel
import Imaging
import KernelInterface

extension Image {
    /// The image whose pixel is `value(row, column, channel)`.
    package init(channels: Int = 3, height: Int, width: Int, _ value: (_ row: Int, _ column: Int, _ channel: Int) -> Float) throws {
        let pixels = (0 ..< channels).flatMap { channel in
            (0 ..< height).flatMap { row in (0 ..< width).map { column in value(row, column, channel) } }
        }
        try self.init(shape: ImageShape(channels: channels, height: height, width: width), pixels: pixels)
    }
}

extension RandomGlow {
    /// A prior with random weights that is quick to run; images go onto a canvas of multiples of 4.
    package static func tiny(coupling: GlowArchitecture.Coupling = .additive) throws -> RandomGlow {
        RandomGlow(architecture: try GlowArchitecture(levels: 2, steps: 2, hidden: 8, coupling: coupling), seed: 3)
    }
}
