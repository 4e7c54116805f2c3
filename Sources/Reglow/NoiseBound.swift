import Imaging
import InverseSolvers
import KernelInterface

/// What denoising with an estimated sigma may take from a picture: at no place more than the noise.
///
/// The prior takes what it finds improbable, and not only noise is: a stamp of a colour that photographs do not have, a thin line,
/// lettering. So the residual y - x is held to the noise, the discrepancy principle place by place:
///
///     x' = y + g (x - y),    g = min(1, sigma / rms of x - y over 5x5 pixels and all channels)
///
/// and g = 0 in constant areas, which have no noise (`ConstantAreas`). Where the prior is right the residual is hardly above sigma
/// anywhere, and x' is x nearly.
package struct NoiseBound {
    /// sigma
    package let deviation: Double

    private static let reach = 2

    package init(deviation: Double) { self.deviation = deviation }

    /// - Parameters:
    ///   - restored: x
    ///   - measured: y, planar, of the same shape.
    package func callAsFunction(_ restored: Image, measured: [Float]) throws -> Image {
        let shape = restored.shape
        guard measured.count == shape.count else { return restored }
        let energies = Self.localMeans(
            (0 ..< shape.pixels).map { pixel in
                (0 ..< shape.channels).reduce(0) { sum, channel in
                    let index = channel * shape.pixels + pixel
                    let difference = restored.pixels[index] - measured[index]
                    return sum + difference * difference / Float(shape.channels)
                }
            }, shape)
        let constant = ConstantAreas(measured, shape)
        let variance = Float(deviation * deviation)
        var pixels = restored.pixels
        for pixel in 0 ..< shape.pixels where constant.contains[pixel] || energies[pixel] > variance {
            let gain = constant.contains[pixel] ? 0 : (variance / energies[pixel]).squareRoot()
            for index in stride(from: pixel, to: shape.count, by: shape.pixels) {
                pixels[index] = measured[index] + gain * (pixels[index] - measured[index])
            }
        }
        return try Image(shape: shape, pixels: pixels)
    }

    /// The mean over the square of pixels within reach that are in the plane.
    private static func localMeans(_ plane: [Float], _ shape: ImageShape) -> [Float] {
        let along = means(plane, length: shape.width, step: 1, lines: shape.height, next: shape.width)
        return means(along, length: shape.height, step: shape.width, lines: shape.width, next: 1)
    }

    /// The mean over the neighbours in a line, for each of the lines.
    private static func means(_ plane: [Float], length: Int, step: Int, lines: Int, next: Int) -> [Float] {
        var result = plane
        for line in 0 ..< lines {
            for place in 0 ..< length {
                let (from, to) = (max(0, place - reach), min(length - 1, place + reach))
                var sum: Float = 0
                for neighbour in from ... to { sum += plane[line * next + neighbour * step] }
                result[line * next + place * step] = sum / Float(to - from + 1)
            }
        }
        return result
    }
}
