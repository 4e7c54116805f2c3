import ArgumentParser
import Reglow

/// The inverse problem, as options: which one, and what it needs.
struct ProblemOptions: ParsableArguments {
    @Option(help: "Which inverse problem.")
    var problem: Kind

    @Option(
        help: ArgumentHelp(
            """
            deblur: what one bright pixel becomes: uniform:SIZE, gaussian:SIGMA, motion:LENGTH@DEGREES, or an image or .npy file, \
            which is scaled to a sum of 1. (default: uniform:5)
            """, valueName: "shape-or-file"))
    var pointSpread: String?

    @Option(help: "deblur: what lies beyond the image's edge. (default: periodic)")
    var border: Border?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "superres: the measurement is the mean over this many by this many pixels. (default: 2)", valueName: "factor"))
    var scale: Int?

    @Option(
        help: ArgumentHelp(
            "inpaint: which pixels are known: image or .npy file, above 0.5 (white) known, below missing.", valueName: "file"))
    var mask: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("inpaint: this part of the pixels is missing, drawn from the seed.", valueName: "fraction"))
    var missing: Double?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("inpaint: a square of this side is missing in the centre.", valueName: "side"))
    var hole: Int?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("compressive: rows of the Gaussian matrix.", valueName: "count"))
    var measurements: Int?

    enum Kind: String, CaseIterable, ExpressibleByArgument, Encodable {
        case denoise, deblur, superres, inpaint, compressive
    }

    func validate() throws {
        try requireOnly(.deblur, "--point-spread", pointSpread)
        try requireOnly(.deblur, "--border", border)
        try requireOnly(.superres, "--scale", scale)
        try requireOnly(.inpaint, "--mask", mask)
        try requireOnly(.inpaint, "--missing", missing)
        try requireOnly(.inpaint, "--hole", hole)
        try requireOnly(.compressive, "--measurements", measurements)

        _ = try parsedPointSpread()
        if let scale { try require(scale >= 1, "--scale is \(scale), but must be at least 1") }
        if let missing { try require((0 ..< 1).contains(missing), "--missing is \(missing), but must be at least 0 and below 1") }
        if let hole { try require(hole >= 1, "--hole is \(hole), but must be at least 1") }
        if let measurements { try require(measurements >= 1, "--measurements is \(measurements), but must be at least 1") }
        if problem == .inpaint {
            let given = [mask != nil, missing != nil, hole != nil].filter { $0 }.count
            try require(
                given == 1, "--problem inpaint needs one of --mask, --missing and --hole, not \(given == 0 ? "none" : "several")")
        }
        if problem == .compressive { try require(measurements != nil, "--problem compressive needs --measurements") }
    }

    private func requireOnly(_ kind: Kind, _ name: String, _ value: Any?) throws {
        try require(value == nil || problem == kind, "\(name) is for --problem \(kind.rawValue), not for \(problem.rawValue)")
    }

    /// The point spread when it is given by its parameters, nil when it is the name of a file.
    private func parsedPointSpread() throws -> PointSpread? {
        do {
            return try PointSpread(parsing: pointSpread ?? "uniform:5")
        } catch let error as OperatorError {
            throw ValidationError("--point-spread: \(error)")
        }
    }

    /// The problem with its files read.
    ///
    /// - Parameter compressiveSize: the size of the image; looked at for compressive sensing only.
    /// - Throws: `FileError` that names the mask or point spread at fault.
    func read(compressiveSize: Problem.ImageSize, notes: Notes) throws -> Problem {
        switch problem {
        case .denoise:
            return .denoise
        case .deblur:
            let pointSpread = try parsedPointSpread() ?? readPointSpread(pointSpread ?? "", notes)
            return .deblur(pointSpread, border: border ?? .periodic)
        case .superres:
            return .superresolve(scale: scale ?? 2)
        case .inpaint:
            if let mask {
                let image = try readGrey(mask, notes)
                return .inpaint(.mask(keep: image.pixels.map { $0 > 0.5 }, size: Problem.ImageSize(image.shape)))
            }
            if let hole { return .inpaint(.hole(hole)) }
            return .inpaint(.random(missing ?? 0))
        case .compressive:
            return .compressive(measurements: measurements ?? 1, image: compressiveSize)
        }
    }

    private func readPointSpread(_ path: String, _ notes: Notes) throws -> PointSpread {
        let image = try readGrey(path, notes)
        return try naming(path) {
            let raw = try PointSpread(height: image.shape.height, width: image.shape.width, values: image.pixels)
            let sum = raw.values.reduce(0) { $0 + Double($1) }
            if abs(sum - 1) > 1e-4 { notes.tell(path, "the point spread has the sum \(sum); it is scaled to 1") }
            return try raw.normalized()
        }
    }

    private func readGrey(_ path: String, _ notes: Notes) throws -> Image {
        let image = try readImage(path, notes)
        return try naming(path) { try image.converted(toChannels: 1) }
    }
}
