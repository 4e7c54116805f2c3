import Foundation
import InverseSolvers
import KernelInterface
import TestSupport

/// Pictures with noise of a known sigma.
enum NoiseScene: CaseIterable {
    case flat, ramp, smooth, textured

    static let shape = ImageShape(channels: 3, height: 48, width: 40)

    /// The textures of all channels are alike, as those of photographs.
    func value(_ row: Int, _ column: Int, _ channel: Int) -> Double {
        let (i, j, c) = (Double(row), Double(column), Double(channel))
        return switch self {
        case .flat: 0.5
        case .ramp: 0.2 + 0.008 * i + 0.005 * j
        case .smooth: 0.5 + 0.3 * sin(0.1 * i + 0.3 * c) * cos(0.13 * j) + (column > 20 ? 0.2 : 0)
        case .textured: 0.4 + 0.1 * c + 0.2 * sin(2.1 * i + 1.3 * j) * cos(2.7 * j)
        }
    }

    func image(noise: Double, seed: UInt64, shape: ImageShape = shape) -> [Float] {
        zip(0 ..< shape.count, normalNumbers(shape.count, seed: seed)).map { index, normal in
            let (channel, pixel) = index.quotientAndRemainder(dividingBy: shape.pixels)
            let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.width)
            return Float(value(row, column, channel) + noise * Double(normal))
        }
    }

    static func estimate(
        _ image: [Float], _ shape: ImageShape = shape, measured: (Int) -> Bool = { _ in true }
    ) throws -> NoiseEstimate {
        try NoiseEstimate(of: image, shape: shape, measured: (0 ..< shape.pixels).map(measured))
    }
}

/// As an 8 bit file keeps them.
func roundedTo8Bit(_ image: [Float]) -> [Float] {
    image.map { Float((255 * min(max(Double($0), 0), 1)).rounded() / 255) }
}
