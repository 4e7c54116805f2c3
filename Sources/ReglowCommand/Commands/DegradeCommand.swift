import ArgumentParser
import Reglow

/// `reglow degrade`: simulates a measurement of a known image.
struct DegradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "degrade",
        abstract: "Simulates a measurement y = A x + noise of a known image.",
        usage: "reglow degrade <truth> --problem <problem> --output <file> [options]",
        discussion: """
            A .npy output holds y exactly; a .png output holds it clipped to [0, 1] and rounded to 8 bits, or to the 16 of the truth. \
            Super-resolution gives \
            the small image, inpainting one with missing pixels at 0, and compressive sensing an array of shape (1, M), as .npy only. \
            With --border unknown a blurred image is a window of the truth, without the pixels that would depend on what lies beyond it.

              reglow degrade face.png --problem superres --scale 4 --output small.npy
              reglow degrade photo.png --problem deblur --point-spread gaussian:2 --border unknown --output window.npy
              reglow degrade face.png --problem inpaint --missing 0.6 --output y.npy
            """)

    @Argument(help: "The image to measure: PNG, JPEG, TIFF, WebP or .npy; - for standard input.", completion: .pictures)
    var truth: String

    @OptionGroup(title: "Files")
    var files: Files

    @OptionGroup(title: "Files")
    var pictures: PictureOptions

    @OptionGroup(title: "Files")
    var formatOption: FormatOption

    @OptionGroup(title: "Problem")
    var problemOptions: ProblemOptions

    @OptionGroup(title: "Noise")
    var noiseOptions: NoiseOptions

    @OptionGroup(title: "Engine")
    var engine: EngineOptions

    struct Files: ParsableArguments {
        @Option(
            name: .shortAndLong, help: ArgumentHelp("The measurement, .npy, .png or .tif; - for standard output.", valueName: "file"),
            completion: .pictures)
        var output: String

        @Option(help: ArgumentHelp("inpaint: the mask as .png or .npy, white is observed.", valueName: "file"), completion: .pictures)
        var maskOutput: String?
    }

    struct Summary: Encodable {
        let truth: String
        let problem: ProblemOptions.Kind
        let noise: Double
        let seed: UInt64
        let output: String
        let maskOutput: String?
        /// Channels, height and width.
        let shape: [Int]
        /// What of the measurement is missing.
        let missing: MissingCount
        /// This is nil where there is none.
        let pointSpread: PointSpreadReport?
    }

    func validate() throws {
        try problemOptions.requireProblem()
        let isVector = problemOptions.problem == .compressive
        try require(problemOptions.masks.saturated == nil, "--saturated is for 'restore'")
        try OutputFiles.requireImageName("--output", files.output, isVector ? [.numPy] : [.png, .tiff, .numPy])
        if isVector, files.output == standardStream {
            try require(formatOption.format == .npy, "--problem compressive gives an array of numbers: --output - needs --format npy")
        }
        if let maskOutput = files.maskOutput {
            try require(problemOptions.problem == .inpaint, "--mask-output is for --problem inpaint")
            try OutputFiles.requireImageName("--mask-output", maskOutput)
        }
        try OutputFiles.requireDistinct(
            [("--output", files.output), ("--mask-output", files.maskOutput), ("--json", engine.json)],
            inputs: [truth] + problemOptions.files)
    }

    func run() throws {
        for path in [files.output, files.maskOutput].compactMap({ $0 }) { try requirePictureWritable(path) }
        try engine.requireJSONWritable()
        let notes = engine.makeNotes()
        let picture = try readPicture(truth, notes, scale: pictures.scale)
        let takesAlpha = problemOptions.masks.mask == MaskOptions.ownAlpha
        if picture.alpha != nil, !takesAlpha { notes.tell(shownInput(truth), "alpha channel dropped") }
        let alpha = picture.alpha?.pixels
        var image = picture.image
        if problemOptions.problem == .compressive, image.shape.channels == 1 {
            notes.tell(shownInput(truth), "measured as three equal channels, because the priors are for colour images")
            image = try image.converted(toChannels: 3)
        }
        let (problem, pointSpread) = try problemOptions.read(
            defaultBorder: .periodic, compressiveSize: Problem.ImageSize(image.shape), notes: notes)
        let trusted = try TrustedPixels(problemOptions.masks.choice(isInpainting: problemOptions.problem == .inpaint), notes)
        let measurement = try naming(truth) {
            try SimulatedMeasurement(
                of: image, problem: problem, noise: noiseOptions.noise, seed: noiseOptions.seed, parallelism: engine.parallelism
            ) { try trusted.known($0, alpha, truth) }
        }
        var written = picture.replacing(measurement.image)
        written.alpha = nil
        if problemOptions.problem == .compressive { written.metadata = ImageMetadata() }
        try writePicture(written, to: files.output, format: formatOption.format?.image, notes)
        if let maskOutput = files.maskOutput, let mask = try measurement.mask {
            try writePicture(DecodedImage(image: mask), to: maskOutput, format: formatOption.format?.image, notes)
        }

        let shape = measurement.image.shape
        let summary = Summary(
            truth: truth, problem: problemOptions.problem, noise: noiseOptions.noise, seed: noiseOptions.seed, output: files.output,
            maskOutput: files.maskOutput, shape: [shape.channels, shape.height, shape.width],
            missing: measurement.forwardOperator.missingPixels, pointSpread: pointSpread)
        let text = files.output == standardStream ? "" : "\(files.output): measurement of shape \(shape)"
        try engine.deliver(EngineReport(summary, engine, notes), text: text)
    }
}
