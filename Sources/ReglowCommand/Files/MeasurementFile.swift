import Reglow

/// A measurement as it was read, with what the restored image will be held against.
struct MeasurementFile {
    let job: RestorePlan.Job
    let measurement: ImageMeasurement
    let truth: Image?
    /// Whether the result is written as a grey image.
    let isGrey: Bool

    /// - Throws: `FileError` that names the measurement or the truth.
    init(_ job: RestorePlan.Job, isVector: Bool, seed: UInt64, notes: Notes) throws {
        self.job = job
        truth = try job.truth.map { try readImage($0, notes) }
        if isVector {
            measurement = ImageMeasurement(vector: try NumPyArray.read(job.input).values, seed: seed)
            isGrey = truth?.shape.channels == 1
        } else {
            let image = try readImage(job.input, notes)
            measurement = ImageMeasurement(image, seed: seed)
            isGrey = image.shape.channels == 1
        }
    }

    /// Height and width of the image that it is of.
    ///
    /// - Throws: `FileError` when that would be too large, or the truth does not have the shape of the restored image.
    func imageSize(_ problem: Problem, prior: Glow) throws -> Problem.ImageSize {
        let size = try naming(job.input) { try problem.imageSize(ofMeasurement: Problem.ImageSize(measurement.shape)) }
        let shape = ImageShape(channels: isGrey ? 1 : prior.imageChannels, height: size.height, width: size.width)
        if let truth, let path = job.truth, truth.shape != shape {
            throw FileError(
                path: path, reason: "has the shape \(truth.shape), but the image restored from \(job.input) will have \(shape)")
        }
        return size
    }

    /// The restored image as it is written.
    func output(of restored: Image) throws -> Image { isGrey ? try restored.channelMean() : restored }
}
