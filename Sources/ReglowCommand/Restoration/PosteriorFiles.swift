import Reglow

/// Where what the posterior says of each image is written, beside the image itself.
struct PosteriorFiles {
    /// Draws of each image that are written.
    static let writtenSamples = 8

    private let uncertaintyOutput: String?
    private let samplesOutput: String?
    private let isFolder: Bool

    /// - Parameter isFolder: whether several images are restored, so that the outputs are folders.
    init(_ arguments: PosteriorArguments, isFolder: Bool) {
        (uncertaintyOutput, samplesOutput, self.isFolder) = (arguments.uncertaintyOutput, arguments.samplesOutput, isFolder)
    }

    /// Checks before the work that files can be written, and makes folders.
    ///
    /// - Throws: `ValidationError` for a name that is none of a picture, `FileError` for what cannot be written.
    func prepare() throws {
        if let uncertaintyOutput {
            if isFolder || Folder.exists(uncertaintyOutput) {
                try Folder.create(uncertaintyOutput)
            } else {
                try OutputFiles.requireEnding("--uncertainty-output", uncertaintyOutput, ["png", "npy"])
                try ImageFile.requireWritable(uncertaintyOutput)
            }
        }
        if let samplesOutput { try Folder.create(samplesOutput) }
    }

    /// Writes all but the image itself.
    ///
    /// - Returns: what was written.
    /// - Throws: `FileError` that names the file.
    func write(_ estimate: PosteriorEstimate, of job: RestorationJob) throws -> (uncertainty: String?, samples: [String]?) {
        let ending = fileExtension(of: job.output) == "npy" || job.output == standardStream ? "npy" : fileExtension(of: job.output)
        let name = job.output == standardStream ? "standard-output" : baseName(of: job.output)
        let uncertainty = uncertaintyOutput.map { path in
            isFolder || Folder.exists(path) ? Folder.joined(path, "\(name)-deviation.\(ending == "npy" ? "npy" : "png")") : path
        }
        if let uncertainty {
            if fileExtension(of: uncertainty) == "npy" {
                try ImageFile.write(estimate.deviation, to: uncertainty)
            } else {
                let map = ColourMap(estimate.deviation, title: "standard deviation, 1 is white")
                try ImageFile.write(try map.rendered().picture, to: uncertainty)
            }
        }
        guard let samplesOutput else { return (uncertainty, nil) }
        var images = estimate.quantiles.map { ("\(name)-quantile-\($0.level)", $0.image) }
        let written = min(Self.writtenSamples, estimate.samples.count)
        images += (0 ..< written).map { number in
            ("\(name)-sample-\(number + 1)", estimate.samples[(2 * number + 1) * estimate.samples.count / (2 * written)])
        }
        return (
            uncertainty,
            try images.map { name, image in
                let path = Folder.joined(samplesOutput, "\(name).\(ending)")
                try ImageFile.write(image, to: path)
                return path
            }
        )
    }
}
