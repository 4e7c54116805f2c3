import Reglow
import TrainingReports

/// The report for a reader.
extension ImportReport {
    var text: String {
        let steps = architecture.steps.map(String.init).joined(separator: ", ")
        var lines = [
            checkpoint,
            line("family", family),
            line(
                "container",
                container + (place.isEmpty ? "" : ", in \(escaped(place))") + (prefix.isEmpty ? "" : ", under \(escaped(prefix))")),
            line(
                "architecture",
                "Glow, \(architecture.coupling) coupling, \(architecture.levels) levels of \(steps) steps, \(architecture.hidden) hidden channels"
            ),
        ]
        if let size = architecture.imageSize { lines.append(line("images", "of \(size[0])x\(size[1]) only")) }
        for decision in decisions {
            let margin = decision.margin.map { ", by \($0.fixed(2)) bits" } ?? ""
            lines.append(line(decision.key, "\(decision.value) (\(decision.source.rawValue)\(margin))"))
        }
        if let bits = bitsPerDimension?.value {
            lines.append(line("likelihood", "\(bits.fixed(3)) bits per dimension at \(noiseLevels) bits, \(probeImages) images"))
        }
        if let check, let before = check.bitsBefore.value, let after = check.bitsAfter.value {
            lines.append(line("check", "\(before.fixed(5)) bits before, \(after.fixed(5)) after, \(check.images) images"))
        }
        lines.append(line("sha256", sha256))
        lines.append(output.map { "\($0): \(format)" } ?? "nothing was written")
        return lines.joined(separator: "\n")
    }

    private func line(_ name: String, _ value: String) -> String { Columns.line([(name, -15)]) + "  " + value }
}
