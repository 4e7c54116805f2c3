import ArgumentParser
import Reglow

/// The inverse problem, as options: which one, and what it needs.
struct ProblemOptions: ParsableArguments {
    @Option(
        name: .customLong("problem"),
        help: ArgumentHelp(
            """
            Which inverse problem. The names with a dash are those of 'table': superres-x2 and -x4 are superres with this --scale, \
            inpaint-random is --missing 0.6, inpaint-hole is --hole 20, deblur-window is --border unknown.
            """, valueName: "name"))
    var word: ProblemWord?

    @OptionGroup
    var pointSpreadOption: PointSpreadOption

    @Option(
        help: ArgumentHelp(
            """
            deblur, and superres with a --filter wider than its step: what lies beyond the image's edge. With unknown the measurement \
            is a window of a larger scene: 'restore' finds what surrounds it along with it, 'degrade' measures only where nothing beyond \
            the truth is needed. (default: unknown in 'restore', periodic in 'degrade')
            """))
    var border: Border?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "superres: the measurement has this many times fewer rows and columns. (default: \(Self.standardScale))", valueName: "factor"))
    var scale: Int?

    @Option(
        help: ArgumentHelp(
            """
            superres: what a measured pixel is: mean (over factor by factor pixels), triangle, bicubic or lanczos3 (as Pillow and \
            MATLAB's imresize make images smaller), or gaussian:SIGMA in pixels of the large image. (default: mean)
            """, valueName: "filter"))
    var filter: String?

    @OptionGroup
    var masks: MaskOptions

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

    private static let standardScale = 2

    /// The kind of problem.
    var problem: Kind { word?.kind ?? .denoise }

    /// - Throws: the error of wrong usage where no problem is named.
    func requireProblem() throws { try require(word != nil, "Missing expected argument '--problem <name>'") }

    enum Kind: String, Encodable {
        case denoise, deblur, superres, inpaint, compressive
    }

    func validate() throws {
        // Which options may be given depends on it.
        guard let word else { return }
        try requireOnly(.deblur, "--point-spread", pointSpreadOption.pointSpread)
        try requireOnly(.superres, "--scale", scale)
        try requireOnly(.superres, "--filter", filter)
        try requireOnly(.inpaint, "--missing", missing)
        try requireOnly(.inpaint, "--hole", hole)
        try requireOnly(.compressive, "--measurements", measurements)
        try require(
            problem != .compressive || !masks.isGiven,
            "--mask and --saturated are for measurements that are images, not for --problem compressive")

        try requireUnset(word.scale, "--scale", scale)
        try requireUnset(word.missing, "--missing", missing)
        try requireUnset(word.hole, "--hole", hole)
        try requireUnset(word.isWindow ? true : nil, "--border", border)

        let filter = try parsedFilter()
        if border != nil, problem != .deblur {
            try require(
                problem == .superres && filter != .mean,
                "--border is for --problem deblur, and for superres with a --filter wider than its step")
        }
        if let scale { try require(scale >= 1, "--scale is \(scale), but must be at least 1") }
        if let missing { try require((0 ..< 1).contains(missing), "--missing is \(missing), but must be at least 0 and below 1") }
        if let hole { try require(hole >= 1, "--hole is \(hole), but must be at least 1") }
        if let measurements { try require(measurements >= 1, "--measurements is \(measurements), but must be at least 1") }
        if problem == .inpaint {
            let given = [masks.mask != nil, missing ?? word.missing != nil, hole ?? word.hole != nil].filter { $0 }.count
            try require(
                given == 1 || (given == 0 && masks.saturated != nil),
                "--problem inpaint needs one of --mask, --missing and --hole, not \(given == 0 ? "none" : "several")")
        }
        if problem == .compressive { try require(measurements != nil, "--problem compressive needs --measurements") }
    }

    private func requireOnly(_ kind: Kind, _ name: String, _ value: Any?) throws {
        try require(value == nil || problem == kind, "\(name) is for --problem \(kind.rawValue), not for \(problem.rawValue)")
    }

    /// A name that stands for an option leaves no room for another value of it.
    private func requireUnset(_ implied: Any?, _ name: String, _ value: Any?) throws {
        try require(implied == nil || value == nil, "--problem \(word?.rawValue ?? "") says what \(name) is: leave one of them out")
    }

    private func parsedFilter() throws -> SamplingFilter {
        do {
            if let parsed = try SamplingFilter(parsing: filter ?? "mean") { return parsed }
        } catch {
            throw ValidationError("--filter: \(error)")
        }
        throw ValidationError("--filter is '\(filter ?? "")', but must be mean, triangle, bicubic, lanczos3 or gaussian:SIGMA")
    }

    /// The problem with its files read.
    ///
    /// - Parameters:
    ///   - defaultBorder: what lies beyond the image's edge, where the options do not say.
    ///   - compressiveSize: the size of the image; looked at for compressive sensing only.
    /// - Throws: `FileError` that names the point spread at fault.
    func read(defaultBorder: Border, compressiveSize: Problem.ImageSize, notes: Notes) throws -> (
        problem: Problem, pointSpread: PointSpreadReport?
    ) {
        switch problem {
        case .denoise:
            return (.denoise, nil)
        case .deblur:
            let (pointSpread, report) = try pointSpreadOption.read(notes)
            return (.deblur(pointSpread, border: border ?? (word?.isWindow == true ? .unknown : defaultBorder)), report)
        case .superres:
            return (
                .superresolve(
                    scale: scale ?? word?.scale ?? Self.standardScale, filter: try parsedFilter(), border: border ?? defaultBorder), nil
            )
        case .inpaint:
            if let hole = hole ?? word?.hole { return (.inpaint(.hole(hole)), nil) }
            if let missing = missing ?? word?.missing { return (.inpaint(.random(missing)), nil) }
            // What is missing is what `TrustedPixels` leaves out of the measurement.
            return (.denoise, nil)
        case .compressive:
            return (.compressive(measurements: measurements ?? 1, image: compressiveSize), nil)
        }
    }

    /// The files that are read for the problem.
    var files: [String?] { [masks.file, pointSpreadOption.file] }
}
