import ArgumentParser
import Reglow

/// `reglow evaluate`: PSNR and SSIM of an image against the truth.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Compares an image with the truth: PSNR and SSIM.",
        discussion: """
            As scikit-image computes them for data_range=1; SSIM with gaussian_weights=True, sigma=1.5 and \
            use_sample_covariance=False, as the mean over channels. Values are taken as the files hold them, without clipping. A \
            truth that is larger is the scene of which the image is a window, and the image is compared with its middle. In JSON, \
            the infinite PSNR of equal images and the SSIM of an image smaller than 11 x 11 are null.
            """)

    @Argument(help: "The truth: PNG, JPEG, TIFF, WebP or .npy; - for standard input.", completion: .pictures)
    var truth: String

    @Argument(help: "The image to judge, of the same shape or a window of the truth.", completion: .pictures)
    var estimate: String

    @Option(
        help: ArgumentHelp(
            """
            Rows and columns that the truth has more than the image; of an odd number the smaller half is above (to the left). Without \
            it they may be any even numbers, up to the image's own height and width.
            """, valueName: "HxW"))
    var surroundings: Surroundings?

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
        let part = try naming(estimate) { try comparedPart(of: truthImage, image) }
        if part.size != part.image { notes.tell(shownInput(truth), part.comparison) }
        let compared = try truthImage.cropped(to: part)
        let quality = try naming(estimate) { try Quality(of: image, truth: compared) }
        try engine.deliver(Report(quality, notes), text: quality.text)
    }

    /// Returns where in the truth the image lies.
    ///
    /// - Throws: `ComparisonError` where it cannot be the middle of the truth.
    private func comparedPart(of truth: Image, _ image: Image) throws -> Problem.Scene {
        let more = (rows: truth.shape.height - image.shape.height, columns: truth.shape.width - image.shape.width)
        if let surroundings {
            guard more == (surroundings.rows, surroundings.columns) else {
                throw ComparisonError.surroundings(surroundings, image: image.shape, truth: truth.shape)
            }
        } else {
            // A truth of twice the size is more likely one of another scale.
            let isMiddle = [(more.rows, image.shape.height), (more.columns, image.shape.width)].allSatisfy { more, side in
                (0 ..< side).contains(more) && more.isMultiple(of: 2)
            }
            guard isMiddle else { throw ComparisonError.noMiddle(image: image.shape, truth: truth.shape) }
        }
        return Problem.Scene(Problem.ImageSize(image.shape), middleOf: Problem.ImageSize(truth.shape))
    }
}

/// Rows and columns around an image, 0 or more.
struct Surroundings: ExpressibleByArgument, CustomStringConvertible {
    let rows, columns: Int

    init?(argument: String) {
        let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let rows = sides[0], let columns = sides[1], rows >= 0, columns >= 0 else { return nil }
        (self.rows, self.columns) = (rows, columns)
    }

    var description: String { "\(rows)x\(columns)" }
}

/// An image and a truth that cannot be compared.
enum ComparisonError: Error, CustomStringConvertible {
    case noMiddle(image: ImageShape, truth: ImageShape)
    case surroundings(Surroundings, image: ImageShape, truth: ImageShape)

    var description: String {
        switch self {
        case .noMiddle(let image, let truth):
            "has the shape \(image), the truth \(truth): they are not equal, and without --surroundings a truth may only be larger by "
                + "even numbers of rows and columns that are below the image's own"
        case .surroundings(let surroundings, let image, let truth):
            "has the shape \(image), the truth \(truth), which is not larger by \(surroundings)"
        }
    }
}
