import ArgumentParser
import Reglow

/// `reglow evaluate`: PSNR and SSIM of an image against the truth.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Compares an image with the truth: PSNR and SSIM.",
        discussion: """
            As scikit-image computes them for data_range=1; SSIM with gaussian_weights=True, sigma=1.5 and \
            use_sample_covariance=False, as the mean over channels. Values are taken as the files hold them, without clipping. In \
            JSON, the infinite PSNR of equal images and the SSIM of an image smaller than 11 x 11 are null.
            """)

    @Argument(help: "The truth: PNG, JPEG, TIFF, WebP or .npy; - for standard input.")
    var truth: String

    @Argument(help: "The image to judge, of the same shape.")
    var estimate: String

    @OptionGroup
    var pictures: PictureOptions

    @OptionGroup
    var engine: EngineOptions

    /// `notes` is left out where there is nothing to tell.
    struct Report: Encodable {
        let psnr: JSONNumber
        let ssim: JSONNumber
        let notes: [Notes.Note]?

        init(_ quality: Quality, _ notes: Notes) {
            (psnr, ssim) = (quality.psnr, quality.ssim)
            self.notes = notes.all.isEmpty ? nil : notes.all
        }
    }

    func validate() throws {
        try OutputFiles.requireDistinct([("--json", engine.json)], inputs: [truth, estimate])
    }

    func run() throws {
        try engine.requireJSONWritable()
        let notes = engine.makeNotes()
        let truthImage = try readImage(truth, notes, scale: pictures.scale)
        let image = try readImage(estimate, notes, scale: pictures.scale)
        let quality = try naming(estimate) { try Quality(of: image, truth: truthImage) }
        try engine.deliver(Report(quality, notes), text: quality.text)
    }
}
