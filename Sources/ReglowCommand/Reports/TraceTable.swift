import Reglow

/// The traces of several images as one table, with the PSNR of each iterate where the truths are known.
///
///     table.add(progress, file)     for each accepted iterate
///     table.end(trace, file)        when an image is restored
///     table.csv                     at the end
final class TraceTable {
    private let hasPSNR: Bool
    /// The PSNR of the iterates of each image that is being solved, by its number.
    private var psnr: [Int: [Double]] = [:]
    /// The lines of each image that is done, by its number.
    private var lines: [Int: [String]] = [:]
    private var names: String?

    init(_ plan: RestorePlan) {
        hasPSNR = plan.jobs.allSatisfy { $0.truth != nil }
    }

    /// Compares an iterate, clipped to [0, 1], with the truth.
    ///
    /// - Throws: `ImageError` when the shapes differ.
    func add(_ progress: RestorationProgress, _ file: MeasurementFile) throws {
        guard hasPSNR, let truth = file.truth else { return }
        let estimate = try file.output(of: try progress.image()).clipped()
        psnr[file.number, default: []].append(try peakSignalToNoiseRatio(truth, estimate))
    }

    func end(_ trace: Trace, _ file: MeasurementFile) {
        let rows = trace.csv.split(separator: "\n")
        names = rows.first.map(String.init)
        let input = csvField(file.job.input)
        let plain = rows.dropFirst().map { "\(input),\($0)" }
        lines[file.number] = hasPSNR ? zip(plain, psnr[file.number] ?? []).map { "\($0),\($1)" } : plain
        psnr[file.number] = nil
    }

    /// The lines of `Trace.csv` with the image's input before each, and its PSNR after: `inf` for an iterate equal to the truth.
    var csv: String {
        let header = names.map { ["input,\($0)" + (hasPSNR ? ",psnr" : "")] } ?? []
        return (header + lines.sorted { $0.key < $1.key }.flatMap(\.value)).joined(separator: "\n") + "\n"
    }
}

/// A field of a CSV file (RFC 4180): quoted where it holds a comma, a quote or a line end.
func csvField(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
}
