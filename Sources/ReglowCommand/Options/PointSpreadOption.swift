import ArgumentParser
import Reglow

/// The point spread of a blur, as options.
struct PointSpreadOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            deblur: what one bright pixel becomes: \(Self.forms), or an image or .npy file, which is scaled to a sum of 1. Degrees are \
            counter-clockwise from the horizontal. The centre of a file is its middle entry, row H/2 and column W/2 rounded down, \
            counted from 0; light at an entry below and right of it moves down and right. (default: \(Self.standard))
            """, valueName: "shape-or-file"), completion: .pictures)
    var pointSpread: String?

    @Option(
        help: ArgumentHelp(
            """
            Which entry of a file of a point spread is its centre: middle, corner (the first, as FFT code keeps it: numpy.fft.ifftshift, \
            psf2otf), mass (the nearest to the centre of mass), or auto: corner where the light lies around the first entry and wraps \
            around to the last ones, else middle.
            """, valueName: "auto|middle|corner|mass"))
    var pointSpreadCentre: CentreChoice?

    enum CentreChoice: String, CaseIterable, ExpressibleByArgument {
        case auto, middle, corner, mass

        /// This is nil for the one that the array tells.
        var centre: PointSpread.Centre? {
            switch self {
            case .auto: nil
            case .middle: .middle
            case .corner: .corner
            case .mass: .mass
            }
        }
    }

    /// What a blur without a point spread has.
    static let standard = "uniform:5"

    private static var forms: String { PointSpread.forms.map(\.form).joined(separator: ", ") }

    /// The file, where it is one.
    var file: String? { (try? parsed()) == nil ? pointSpread : nil }

    func validate() throws {
        if try parsed() == nil, let text = pointSpread, realPath(text) == nil {
            try require(looksLikeFile(text), "--point-spread: \(Self.noForm(text))")
        }
        try require(
            pointSpreadCentre == nil || file != nil, "--point-spread-centre is for a --point-spread that is a file")
    }

    /// Whether it can only be meant as a file: it has a folder or the ending of an image, and is not near a form.
    private func looksLikeFile(_ text: String) -> Bool {
        let hasEnding = ["npy", "png", "jpg", "jpeg", "tif", "tiff", "webp"].contains(fileExtension(of: text))
        return text == "-" || hasEnding || (text.contains("/") && !text.contains(":"))
    }

    private static func noForm(_ text: String) -> String {
        let near = PointSpread.suggestion(for: text).map { " Did you mean \($0)?" } ?? ""
        return "'\(text)' is neither a form nor a file.\(near) Forms: \(forms)"
    }

    /// The point spread when it is given by its parameters, nil when it is the name of a file.
    private func parsed() throws -> PointSpread? {
        do {
            return try PointSpread(parsing: pointSpread ?? Self.standard)
        } catch {
            throw ValidationError("--point-spread: \(error)")
        }
    }

    /// The point spread with its file read; what of it a user should know is told.
    ///
    /// - Throws: `FileError` that names the file at fault.
    func read(_ notes: Notes) throws -> (pointSpread: PointSpread, report: PointSpreadReport) {
        let text = pointSpread ?? Self.standard
        if let pointSpread = try parsed() {
            if let remark = pointSpread.shiftRemark { notes.tell("--point-spread \(text)", remark) }
            return (pointSpread, PointSpreadReport(text, pointSpread))
        }
        guard realPath(text) != nil || text == "-" else {
            throw FileError(path: text, reason: "cannot open: No such file; nor is it a form of a point spread: \(Self.forms)")
        }
        let (image, remark) = try PointSpreadFile.read(text, notes)
        if let remark { notes.tell(text, remark) }
        return try naming(text) {
            let given = try PointSpread(height: image.shape.height, width: image.shape.width, values: image.pixels)
            let taken = try ArrayPointSpread(given, centre: pointSpreadCentre?.centre)
            for remark in taken.remarks { notes.tell(text, remark.text + Self.advice(remark.subject)) }
            return (taken.pointSpread, PointSpreadReport(text, taken.pointSpread, file: taken.normalized, centre: taken.centre))
        }
    }

    private static func advice(_ subject: ArrayPointSpread.Remark.Subject) -> String {
        switch subject {
        case .numbers: ""
        case .corner: " (--point-spread-centre middle would move the image by so much)"
        case .shift: "; --point-spread-centre mass takes its centre of mass as the centre"
        }
    }
}
