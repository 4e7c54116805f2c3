import CReglow
import Imaging
import KernelInterface
import Reglow

/// The measurements of one call, copied from the caller's arrays, with what is to be told of each.
struct MeasurementArrays {
    let shape: ImageShape
    private(set) var measurements: [ImageMeasurement] = []
    /// Sentences about a measurement, by its index.
    private(set) var notes: [(index: Int, text: String)] = []

    /// The most measurements of a call.
    private static let mostCount = 1 << 20

    /// - Parameter imageChannels: those of the model.
    /// - Throws: a `Fault` for an argument at fault, `ProblemError` for a mask or a start of another size, `MemoryShortage`.
    init(_ arrays: reglow_measurements, of problem: ProblemObject, imageChannels: Int) throws {
        try requireCount(arrays.count, "count", 1 ... Self.mostCount)
        let shape = try givenShape(arrays.shape, "the measurement", count: arrays.count)
        self.shape = shape
        let values = try given(arrays.values, "values")
        let isImage = problem.isImage(shape)
        // The copy, and what a solve makes of it.
        try requireMemory(3 * 4 * arrays.count * shape.count)
        try require(arrays.saturated >= 0 && arrays.saturated.isFinite, "saturated is \(arrays.saturated), but must be 0 or more")
        try require(
            arrays.saturated == 0 || isImage, "saturated is for measurements that are images")
        let masks = try Masks(arrays, shape)
        let starts = try Starts(arrays, problem, shape, imageChannels: imageChannels)
        let known = try problem.known?.entries(of: shape)
        for index in 0 ..< arrays.count {
            let numbers = Array(UnsafeBufferPointer(start: values + index * shape.count, count: shape.count))
            var trusted = Self.joined(known, masks.entries(of: index), shape)
            guard isImage else {
                var measurement = ImageMeasurement(vector: numbers, seed: problem.seed)
                measurement.trusted = trusted
                measurement.start = try starts.image(index)
                measurements.append(measurement)
                continue
            }
            let image = try Image(shape: shape, pixels: numbers)
            if let known = trusted, let contradiction = MaskContradiction(image, known: known) {
                notes.append((index, "the mask \(contradiction.remark(advice: ""))"))
            }
            if arrays.saturated > 0 {
                let (entries, remark) = image.trusting(below: Float(arrays.saturated), trusted)
                notes.append((index, remark))
                trusted = entries
            }
            if let trusted {
                let missing = MissingCount(measured: trusted, shape: shape)
                if missing.count > 0 { notes.append((index, missing.remark(of: shape, isInpainting: problem.isInpainting))) }
            }
            var measurement = ImageMeasurement(image, seed: problem.seed, trusted: trusted)
            measurement.start = try starts.image(index)
            measurements.append(measurement)
        }
    }

    /// What both masks keep: of each pixel where both are of pixels, else of each number.
    private static func joined(_ first: [Bool]?, _ second: [Bool]?, _ shape: ImageShape) -> [Bool]? {
        guard let first, let second else { return first ?? second }
        return (0 ..< max(first.count, second.count)).map { first[$0 % first.count] && second[$0 % second.count] }
    }
}

/// The masks of trusted entries, one for all measurements or one for each.
private struct Masks {
    private let source: UnsafePointer<UInt8>?
    private let isEachItsOwn: Bool
    /// Entries of one mask.
    private let count: Int

    init(_ arrays: reglow_measurements, _ shape: ImageShape) throws(Fault) {
        source = arrays.trusted
        (isEachItsOwn, count) = (arrays.trusted_count > 1, shape.pixels * max(1, min(arrays.trusted_channels, shape.channels)))
        guard source != nil else { return }
        try require(
            arrays.trusted_count == 1 || arrays.trusted_count == arrays.count,
            "trusted_count is \(arrays.trusted_count), but must be 1 or the count of measurements, \(arrays.count)")
        try require(
            arrays.trusted_channels == 1 || arrays.trusted_channels == shape.channels,
            "trusted_channels is \(arrays.trusted_channels), but must be 1 or the channels of a measurement, \(shape.channels)")
    }

    /// Nil where all are trusted.
    func entries(of index: Int) -> [Bool]? {
        guard let source else { return nil }
        let mask = source + (isEachItsOwn ? index * count : 0)
        return (0 ..< count).map { mask[$0] != 0 }
    }
}

/// The images that solves begin at.
private struct Starts {
    private let source: UnsafePointer<Float>?
    private let shape: ImageShape

    init(_ arrays: reglow_measurements, _ problem: ProblemObject, _ measurement: ImageShape, imageChannels: Int) throws {
        source = try arrays.start.map { try given($0, "start") }
        let size = try problem.problem.imageSize(ofMeasurement: Problem.ImageSize(measurement))
        guard source != nil else {
            shape = measurement
            return
        }
        let channels = arrays.start_channels
        try require(
            channels == 1 || channels == imageChannels,
            "start_channels is \(channels), but must be 1 or the channels of the model, \(imageChannels)")
        shape = try givenShape(
            reglow_shape(channels: channels, height: size.height, width: size.width), "the start", count: arrays.count)
        try requireMemory(2 * 4 * arrays.count * shape.count)
    }

    func image(_ index: Int) throws -> Image? {
        guard let source else { return nil }
        return try Image(shape: shape, pixels: Array(UnsafeBufferPointer(start: source + index * shape.count, count: shape.count)))
    }
}

extension reglow_measurements: VersionedStruct {
    static var name: String { "reglow_measurements" }

    static var defaults: reglow_measurements {
        var arrays = reglow_measurements()
        (arrays.count, arrays.trusted_count, arrays.trusted_channels, arrays.start_channels) = (1, 1, 1, 1)
        return arrays
    }
}
