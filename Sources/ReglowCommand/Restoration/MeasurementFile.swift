import Reglow

/// A measurement as it was read, with what the restored image will be held against.
struct MeasurementFile {
    /// Its place in the plan.
    let number: Int
    let job: RestorePlan.Job
    let measurement: ImageMeasurement
    /// The part of the truth that the restored image is of.
    let truth: Image?
    /// Whether the result is written as a grey image.
    let isGrey: Bool
    /// Height and width of the image that it is of.
    let imageSize: Problem.ImageSize
    /// Which session restores it.
    let key: RestorationSessionCache.Key
    /// The file, with what goes over to the output; nil for a measurement that is no image.
    let picture: DecodedImage?
    /// The format of an image that goes to standard output.
    let format: ImageFormat?

    /// The restored image as it is written.
    func output(of restored: Image) throws -> Image { isGrey ? try restored.channelMean() : restored }

    /// Writes the image that `output` gave, with what the measurement's file says about itself.
    ///
    /// - Throws: `FileError` that names the output.
    func write(_ image: Image, _ notes: Notes) throws {
        let written = picture?.replacing(image) ?? DecodedImage(image: image)
        if let alpha = written.alpha, alpha.shape.pixels == image.shape.pixels, ImageFormat(ending: fileExtension(of: job.output)) != .numPy
        {
            notes.tell(shownInput(job.input), "its alpha channel is kept as it is; colours are restored everywhere")
        }
        try writePicture(written, to: job.output, format: format, notes)
    }
}

/// Reads the measurements of one call, and checks each before it is solved.
struct MeasurementReader {
    let problem: Problem
    let isVector: Bool
    let isInpainting: Bool
    let trusted: TrustedPixels
    /// What is white in arrays.
    let scale: NumberScale
    /// The format of an image that goes to standard output.
    let format: ImageFormat?
    let seed: UInt64
    let prior: PicturePriorOption
    let noise: MeasuredNoiseOptions
    let sessions: RestorationSessionCache
    /// The image that all solves start at, with its path.
    let start: (path: String, image: Image)?
    /// Whether the folder of an output is made where it is missing.
    let makesFolders: Bool
    let notes: Notes

    /// - Throws: `FileError` that names the measurement, the truth, the start or the output: what cannot be read, does not have the size that
    ///   it must have, or cannot be written.
    func read(_ job: RestorePlan.Job, number: Int) throws -> MeasurementFile {
        var measurement: ImageMeasurement
        let isGrey: Bool
        let picture: DecodedImage?
        let whole = try job.truth.map { try readImage($0, notes, scale: scale) }
        if isVector {
            picture = nil
            measurement = ImageMeasurement(vector: try readNumbers(job.input), seed: seed)
            isGrey = whole?.shape.channels == 1
        } else {
            var read = try readPicture(job.input, notes, scale: scale)
            measurement = ImageMeasurement(
                read.image, seed: seed,
                trusted: try trusted.entries(of: read.image, alpha: read.alpha?.pixels, path: job.input, isInpainting: isInpainting))
            if trusted.takesAlpha, read.alpha != nil {
                read.alpha = nil
                notes.tell(shownInput(job.input), "its alpha channel is the mask; the result is opaque")
            }
            picture = read
            isGrey = read.image.shape.channels == 1
        }
        let scene = try naming(job.input) { try problem.scene(ofMeasurement: Problem.ImageSize(measurement.shape)) }
        let size = scene.image
        let key = RestorationSessionCache.Key(prior: prior.name(for: size), noise: noise.noise(of: picture))
        let channels = try sessions.restorer(key.prior).prior.imageChannels
        let truth = try whole.map { try part(of: $0, job, measurement, scene, channels: isGrey ? 1 : channels) }
        if let start {
            let other = Problem.ImageSize(start.image.shape)
            guard other == size else {
                throw FileError(path: shownInput(start.path), reason: "\(ProblemError.startSize(other, image: size))")
            }
            measurement.start = start.image
        }
        try tellMissing(job.input, size)
        if makesFolders { try Folder.create(folder(of: job.output)) }
        try requirePictureWritable(job.output)
        if isGrey, channels == 3 {
            notes.tell(shownInput(job.input), "grey; restored as three equal channels, of which the mean is written")
        }
        prior.tell(key.prior, for: size, notes)
        return MeasurementFile(
            number: number, job: job, measurement: measurement, truth: truth, isGrey: isGrey, imageSize: size, key: key,
            picture: picture, format: format)
    }

    /// Tells how much the problem itself leaves out of a picture of this size.
    private func tellMissing(_ path: String, _ size: Problem.ImageSize) throws {
        guard case .inpaint = problem else { return }
        let shape = ImageShape(channels: 1, height: size.height, width: size.width)
        let missing = try naming(path) {
            try problem.forwardOperator(imageShape: shape, seed: seed, parallelism: Parallelism(threads: 1)).missingPixels
        }
        trusted.tell(missing, shape, path, isInpainting: true)
    }

    /// What the restored image is compared with: the truth, or its middle, where the truth is the scene that the measurement was made from.
    private func part(
        of truth: Image, _ job: RestorePlan.Job, _ measurement: ImageMeasurement, _ scene: Problem.Scene, channels: Int
    ) throws -> Image {
        let path = shownInput(job.truth ?? "")
        guard truth.shape.channels == channels,
            let part = try problem.scene(ofMeasurement: Problem.ImageSize(measurement.shape), inTruth: Problem.ImageSize(truth.shape))
        else {
            let shape = ImageShape(channels: channels, height: scene.image.height, width: scene.image.width)
            let other = scene.size == scene.image ? "" : ", and a truth may also be the scene of \(scene.size) of which that is the middle"
            throw FileError(
                path: path,
                reason: "has the shape \(truth.shape), but the image restored from \(shownInput(job.input)) will have \(shape)\(other)")
        }
        if part.size == part.image { return truth }
        notes.tell(path, part.comparison)
        return try truth.cropped(to: part)
    }
}
