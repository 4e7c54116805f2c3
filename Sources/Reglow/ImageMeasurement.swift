import Files
import Imaging
import InverseSolvers
import KernelInterface

/// y for one image, with the seed of its random operator.
public struct ImageMeasurement: Sendable {
    /// Channels, height and width of y; those of a vector of M numbers are 1, 1 and M.
    public let shape: ImageShape
    /// y, planar: all rows of the first channel, then of the second.
    public let values: [Float]
    /// The seed of a random operator.
    public var seed: UInt64
    /// Whether the values are those of pixels, with neighbours.
    let isImage: Bool
    /// The noise where it is estimated already, such as that of a whole picture for a part of it; nil: a rule that estimates it takes
    /// this measurement.
    public var noiseEstimate: NoiseEstimate?
    /// Which entries are to be trusted: of each pixel of the measurement, for all channels alike, or of each of its numbers. The others, dead
    /// or clipped pixels, count as not measured, whatever their values. Nil trusts all.
    public var trusted: [Bool]?
    /// The image that the solve begins at, of the size of the restored image and on the [0, 1] scale; nil leaves it to the call.
    public var start: Image?

    /// Takes the pixels of an image as the measurement.
    ///
    /// - Parameters:
    ///   - image: y, on the [0, 1] scale.
    ///   - seed: the seed of a random operator.
    ///   - trusted: as the property says.
    public init(_ image: Image, seed: UInt64 = 0, trusted: [Bool]? = nil) {
        isImage = true
        shape = image.shape
        values = image.pixels
        self.seed = seed
        self.trusted = trusted
    }

    /// Takes numbers in a row as the measurement, which is no image.
    ///
    /// - Parameters:
    ///   - vector: y.
    ///   - seed: the seed of a random operator.
    public init(vector: [Float], seed: UInt64 = 0) {
        isImage = false
        shape = ImageShape(channels: 1, height: 1, width: vector.count)
        values = vector
        self.seed = seed
    }

    var size: Problem.ImageSize { Problem.ImageSize(height: shape.height, width: shape.width) }

    /// The numbers as an operator wants them: a grey image is repeated for a prior of three channels.
    func values(channels: Int, as expected: ImageShape) throws -> [Float] {
        if values.count == expected.count { return values }
        if shape.channels == 1, channels == 3, values.count * 3 == expected.count { return values + values + values }
        if shape.channels != 1, shape.channels != channels { throw ProblemError.channels(expected: channels, found: shape.channels) }
        throw ProblemError.measurementCount(expected: expected.count, found: values.count)
    }
}

/// A measurement that cannot be restored.
public struct MeasurementError: ReglowError {
    /// Index in the list of measurements.
    public let measurement: Int
    /// An `OperatorError`, a `ProblemError` or a `SolverError`.
    public let reason: any Error

    public var category: ReglowErrorCategory { .measurement(index: measurement) }

    public var description: String { "measurement \(measurement): \(reason)" }
}
