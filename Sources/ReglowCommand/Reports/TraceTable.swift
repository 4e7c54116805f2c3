import Foundation
import Reglow

/// The traces of several images as one table, with the PSNR of each iterate where the truths are known.
///
///     table.add(progress)       for each accepted iterate
///     table.csv(traces)         at the end
final class TraceTable {
    private let files: [MeasurementFile]
    /// Of the iterates of each measurement; nil where the truths are not known.
    private var psnr: [[Double]]?

    init(_ files: [MeasurementFile]) {
        self.files = files
        psnr = files.contains { $0.truth == nil } ? nil : [[Double]](repeating: [], count: files.count)
    }

    /// Compares an iterate, clipped to [0, 1], with the truth.
    ///
    /// - Throws: `ImageError` when the shapes differ.
    func add(_ progress: RestorationProgress) throws {
        let file = files[progress.measurement]
        guard psnr != nil, let truth = file.truth else { return }
        let estimate = try file.output(of: try progress.image()).clipped()
        psnr?[progress.measurement].append(try peakSignalToNoiseRatio(truth, estimate))
    }

    /// The lines of `Trace.csv` with the image's input before each, and its PSNR after: `inf` for an iterate equal to the truth.
    func csv(_ traces: [Trace]) -> String {
        var lines: [String] = []
        for (index, trace) in traces.enumerated() {
            let rows = trace.csv.split(separator: "\n")
            if lines.isEmpty, let names = rows.first { lines.append("input,\(names)" + (psnr == nil ? "" : ",psnr")) }
            let input = csvField(files[index].job.input)
            let plain = rows.dropFirst().map { "\(input),\($0)" }
            lines += psnr.map { zip(plain, $0[index]).map { "\($0),\($1)" } } ?? plain
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A field of a CSV file (RFC 4180): quoted where it holds a comma, a quote or a line end.
func csvField(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) } ? "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : text
}
