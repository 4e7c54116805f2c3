import Files
import ForwardOperators
import GlowModel
import Imaging
import KernelInterface

/// A measurement as it was read, with what the restored image will be held against.
package struct MeasurementFile {
    /// Its place in the plan.
    package let number: Int
    package let job: RestorationJob
    package let measurement: ImageMeasurement
    /// The part of the truth that the restored image is of.
    package let truth: Image?
    /// Whether the result is written as a grey image.
    package let isGrey: Bool
    /// Height and width of the image that it is of.
    package let imageSize: Problem.ImageSize
    /// Which session restores it.
    package let key: RestorationSessionCache.Key
    /// The file, with what goes over to the output; nil for a measurement that is no image.
    package let picture: DecodedImage?
    /// The format of an image that goes to standard output.
    package let format: ImageFormat?

    package init(
        number: Int, job: RestorationJob, measurement: ImageMeasurement, truth: Image?, isGrey: Bool, imageSize: Problem.ImageSize,
        key: RestorationSessionCache.Key, picture: DecodedImage?, format: ImageFormat?
    ) {
        (self.number, self.job, self.measurement, self.truth, self.isGrey) = (number, job, measurement, truth, isGrey)
        (self.imageSize, self.key, self.picture, self.format) = (imageSize, key, picture, format)
    }

    /// The restored image as it is written.
    package func output(of restored: Image) throws -> Image { isGrey ? try restored.channelMean() : restored }

    /// The picture that is written for what `output` gave, with what the measurement's file says about itself.
    package func written(_ image: Image, _ notes: Notes) -> DecodedImage {
        let written = picture?.replacing(image) ?? DecodedImage(image: image)
        if let alpha = written.alpha, alpha.shape.pixels == image.shape.pixels, ImageFormat(ending: fileExtension(of: job.output)) != .numPy
        {
            notes.tell(shownInput(job.input), "its alpha channel is kept as it is; colours are restored everywhere")
        }
        return written
    }

    /// Writes the image that `output` gave.
    ///
    /// - Throws: `FileError` that names the output.
    package func write(_ image: Image, _ notes: Notes) throws {
        try writePicture(written(image, notes), to: job.output, format: format, notes)
    }
}

/// Reads the measurements of one call, and checks each before it is solved.
package struct MeasurementReader {
    package let settings: RestorationSettings
    /// The masks of all jobs that name none.
    package let trusted: TrustedPixels
    /// The format of an image that goes to standard output.
    package let format: ImageFormat?
    /// Loads the priors.
    package let restorer: (_ prior: String) throws -> Restorer
    /// The image that all solves start at, with its path.
    package let start: (path: String, image: Image)?
    /// Whether the folder of an output is made where it is missing.
    package let makesFolders: Bool
    /// Whether the output is a path that is to be written, and checked to be.
    package let writesOutput: Bool
    package let notes: Notes

    package init(
        settings: RestorationSettings, trusted: TrustedPixels, format: ImageFormat? = nil, start: (path: String, image: Image)? = nil,
        makesFolders: Bool = false, writesOutput: Bool = true, notes: Notes, restorer: @escaping (_ prior: String) throws -> Restorer
    ) {
        (self.settings, self.trusted, self.format, self.start) = (settings, trusted, format, start)
        (self.makesFolders, self.writesOutput, self.notes, self.restorer) = (makesFolders, writesOutput, notes, restorer)
    }

    /// - Throws: `FileError` that names the measurement, the truth, the start or the output: what cannot be read, does not have the size that
    ///   it must have, or cannot be written.
    package func read(_ job: RestorationJob, number: Int) throws -> MeasurementFile {
        var measurement: ImageMeasurement
        let isGrey: Bool
        let picture: DecodedImage?
        let (problem, scale, seed) = (settings.problem, settings.scale, job.seed ?? settings.seed)
        let trusted = try self.trusted(of: job)
        let whole = try job.truth.map { try readImage($0, notes, scale: scale) }
        if settings.isVector {
            picture = nil
            measurement = ImageMeasurement(vector: try readNumbers(job.input), seed: seed)
            isGrey = whole?.shape.channels == 1
        } else {
            var read = try readPicture(job.input, notes, scale: scale)
            measurement = ImageMeasurement(
                read.image, seed: seed,
                trusted: try trusted.entries(
                    of: read.image, alpha: read.alpha?.pixels, path: job.input, isInpainting: settings.masks.isInpainting))
            if trusted.takesAlpha, read.alpha != nil {
                read.alpha = nil
                notes.tell(shownInput(job.input), "its alpha channel is the mask; the result is opaque")
            }
            picture = read
            isGrey = read.image.shape.channels == 1
        }
        let scene = try naming(job.input) { try problem.scene(ofMeasurement: Problem.ImageSize(measurement.shape)) }
        let size = scene.image
        let key = RestorationSessionCache.Key(
            prior: settings.prior(for: size), noise: settings.noise(of: picture))
        let channels = try restorer(key.prior).prior.imageChannels
        let truth = try whole.map { try part(of: $0, job, measurement, scene, channels: isGrey ? 1 : channels) }
        if let start {
            let other = Problem.ImageSize(start.image.shape)
            guard other == size else {
                throw FileError(path: shownInput(start.path), reason: "\(ProblemError.startSize(other, image: size))")
            }
            measurement.start = start.image
        }
        try tellMissing(job.input, size, seed, trusted)
        if writesOutput {
            if makesFolders { try Folder.create(folder(of: job.output)) }
            try requirePictureWritable(job.output)
        }
        if isGrey, channels == 3 {
            notes.tell(shownInput(job.input), "grey; restored as three equal channels, of which the mean is written")
        }
        if settings.prior == nil {
            let kind =
                switch key.prior {
                case ShippedFiles.environmentPrior: "the one of \(ShippedFiles.environmentVariable)"
                case ShippedFiles.facePrior: "the prior for aligned faces of \(size)"
                case ShippedFiles.noisyPhotographPrior: "the prior for noisy photographs"
                default: "the prior for photographs"
                }
            notes.tell("--prior", "\(key.prior), \(kind); name another with --prior")
        }
        return MeasurementFile(
            number: number, job: job, measurement: measurement, truth: truth, isGrey: isGrey, imageSize: size, key: key,
            picture: picture, format: format)
    }

    /// - Throws: `FileError` that names the mask of this job.
    private func trusted(of job: RestorationJob) throws -> TrustedPixels {
        guard let mask = job.mask else { return trusted }
        var masks = settings.masks
        masks.source = .file(mask)
        return try TrustedPixels(masks, notes)
    }

    /// Tells how much the problem itself leaves out of a picture of this size.
    private func tellMissing(_ path: String, _ size: Problem.ImageSize, _ seed: UInt64, _ trusted: TrustedPixels) throws {
        let problem = settings.problem
        guard case .inpaint = problem else { return }
        let shape = ImageShape(channels: 1, height: size.height, width: size.width)
        let missing = try naming(path) {
            try problem.forwardOperator(imageShape: shape, seed: seed, parallelism: Parallelism(threads: 1)).missingPixels
        }
        trusted.tell(missing, shape, path, isInpainting: true)
    }

    /// What the restored image is compared with: the truth, or its middle, where the truth is the scene that the measurement was made from.
    private func part(
        of truth: Image, _ job: RestorationJob, _ measurement: ImageMeasurement, _ scene: Problem.Scene, channels: Int
    ) throws -> Image {
        let (path, problem) = (shownInput(job.truth ?? ""), settings.problem)
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
