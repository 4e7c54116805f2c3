import ForwardOperators
import KernelInterface

/// How much of a measurement is missing.
public struct MissingCount: Hashable, Sendable, Encodable {
    /// Pixels of which one channel or all are missing.
    public let count: Int
    /// The same as a part of all pixels.
    public let fraction: Double
    /// Numbers that are missing; where channels are missing alone fewer than those of the pixels.
    public let values: Int

    /// - Parameters:
    ///   - measured: for each pixel whether it is measured, or for each number.
    ///   - shape: of the measurement.
    public init(measured: [Bool], shape: ImageShape) {
        let pixels = shape.pixels
        let channels = max(1, measured.count / max(1, pixels))
        count = (0 ..< min(pixels, measured.count)).count { pixel in (0 ..< channels).contains { !measured[$0 * pixels + pixel] } }
        fraction = Double(count) / Double(pixels)
        values = measured.count { !$0 } * (shape.channels / channels)
    }
}

extension ForwardOperator {
    /// What this operator does not measure of the pixels of its measurement.
    public var missingPixels: MissingCount { MissingCount(measured: measuredEntries(), shape: measurementShape) }
}
