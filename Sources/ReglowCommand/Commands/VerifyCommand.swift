import ArgumentParser
import Reglow
import TrainingReports

/// `reglow verify`: every map of a model against golden vectors.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks all maps of a model against golden vectors, or its bf16 against its fp32.",
        discussion: """
            The error of a map is its largest deviation, relative to the largest magnitude of the golden value. Ends with exit code \
            1 when one is above the tolerance; the report is written then too.

              reglow verify --model M.safetensors --golden M.golden.safetensors
              reglow verify --model faces64 --image face.png --precision bf16 --tolerance 0.1
            """)

    @Option(help: ArgumentHelp("The model file, or the name of a shipped prior.", valueName: "name-or-path"), completion: .models)
    var model: String

    @Option(help: ArgumentHelp("The golden file that belongs to the model.", valueName: "path"), completion: .models)
    var golden: String?

    @Option(
        help: ArgumentHelp(
            """
            Instead of a golden file: hold the maps against those of the same model in fp32, at this image and along random \
            directions.
            """, valueName: "path"), completion: .pictures)
    var image: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The largest error that passes.", valueName: "error"))
    var tolerance = 1e-5

    @OptionGroup
    var engine: EngineOptions

    struct Result: Encodable {
        let pass: Bool
        let errors: [String: JSONNumber]
        let tolerance: Double
        let model: String
        let golden: String?
        let image: String?
    }

    func validate() throws {
        _ = try engine.precision.single()
        try require(
            tolerance >= 0 && tolerance.isFinite, "--tolerance is \(tolerance), but must be a finite number that is not negative")
        try require((golden == nil) != (image == nil), "verify needs one of --golden and --image")
        try OutputFiles.requireDistinct([("--json", engine.json)], inputs: [model, golden, image])
    }

    func run() throws {
        try engine.requireJSONWritable()
        let glow = try Glow(path: ShippedFiles.priorPath(model), precision: engine.precision.single(), threads: engine.parallelism.threads)
        let source = golden ?? image ?? ""
        let notes = engine.makeNotes()
        let vectors =
            try golden.map { try GoldenFile(path: $0, architecture: glow.architecture) } ?? vectorsInSinglePrecision(source, notes)
        let verification = try naming(source) { try Verification(glow, against: vectors, parallelism: engine.parallelism) }
        let pass = verification.worst <= tolerance
        let errors = verification.errors.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
        let result = Result(
            pass: pass, errors: Dictionary(uniqueKeysWithValues: errors.map { ($0.0, JSONNumber($0.1)) }), tolerance: tolerance,
            model: model, golden: golden, image: image)
        let lines = errors.map { name, error in
            Columns.line([(name, -24), (error.scientific(2), 9)]) + (error <= tolerance ? "" : "  above the tolerance")
        }
        let verdict = pass ? "pass: all errors are at most \(tolerance)" : "FAIL"
        try engine.deliver(EngineReport(result, engine, notes), text: (lines + [verdict]).joined(separator: "\n"))
        guard pass else {
            let failed = errors.filter { !($0.1 <= tolerance) }.map(\.0).joined(separator: ", ")
            throw FileError(path: model, reason: "differs from \(golden ?? "fp32") by more than \(tolerance) in \(failed)")
        }
    }

    /// What the model gives in fp32 at the image.
    private func vectorsInSinglePrecision(_ path: String, _ notes: Notes) throws -> GoldenFile {
        let glow = try Glow(path: ShippedFiles.priorPath(model), precision: .fp32, threads: engine.parallelism.threads)
        let image = try readImage(path, notes)
        return try naming(path) {
            let pixels = try image.converted(toChannels: glow.imageChannels)
            return try GoldenFile(
                computedBy: glow, at: glow.architecture.modelRange.image(pixels.pixels), shape: pixels.shape,
                parallelism: engine.parallelism)
        }
    }
}
