import ForwardOperators
import KernelInterface
import TrainingReports

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

extension MissingCount {
    /// `196 of 4096 pixels (4.79 %) are missing`
    ///
    /// - Parameters:
    ///   - shape: of the measurement.
    ///   - isInpainting: whether they are missing; elsewhere they are not to be trusted.
    package func remark(of shape: ImageShape, isInpainting: Bool) -> String {
        let percent = (100 * fraction).general(3)
        let numbers = values == count * shape.channels ? "" : ", \(values) of \(shape.count) values,"
        return "\(count) of \(shape.pixels) pixels (\(percent) %)\(numbers) are \(isInpainting ? "missing" : "not trusted")"
    }
}

extension ImageShape {
    /// The mask of a grey image, of a mask for each of its channels: known where all are.
    package func knownInAllChannels(_ known: [Bool]) -> [Bool] {
        (0 ..< pixels).map { pixel in stride(from: pixel, to: known.count, by: pixels).allSatisfy { known[$0] } }
    }
}

extension ForwardOperator {
    /// What this operator does not measure of the pixels of its measurement.
    public var missingPixels: MissingCount { MissingCount(measured: measuredEntries(), shape: measurementShape) }
}
