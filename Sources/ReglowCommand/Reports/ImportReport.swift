import Reglow
import TrainingReports

/// What `reglow import` says.
struct ImportReport: Encodable {
    let checkpoint: String
    let family: String
    let container: String
    /// The keys of the dictionaries around the state dict.
    let place: String
    let prefix: String
    let sha256: String
    let architecture: Architecture
    let decisions: [ImportDecision]
    /// By the probe.
    let bitsPerDimension: JSONNumber?
    let noiseLevels: Int
    let probeImages: Int
    /// Null where nothing was written.
    let output: String?
    let format: String
    let check: Check?

    struct Architecture: Encodable {
        let imageChannels: Int
        let levels: Int
        let steps: [Int]
        let hidden: Int
        let coupling: String
        /// Height and width of the only images that it takes, null for any.
        let imageSize: [Int]?
    }

    struct Check: Encodable {
        let images: Int
        let bitsBefore: JSONNumber
        let bitsAfter: JSONNumber
        let largestDifference: JSONNumber
    }

    init(_ imported: ImportedGlow, output: String?, check: ImportCheck?) {
        checkpoint = imported.path
        family = imported.family.rawValue
        container = imported.container
        place = imported.place
        prefix = imported.prefix
        sha256 = imported.digest
        let model = imported.architecture
        architecture = Architecture(
            imageChannels: model.imageChannels, levels: model.levels, steps: model.steps, hidden: model.hidden,
            coupling: model.coupling.rawValue, imageSize: imported.imageSize.map { [$0.height, $0.width] })
        decisions = imported.decisions
        bitsPerDimension = imported.bitsPerDimension.map { JSONNumber($0) }
        noiseLevels = imported.noiseLevels
        probeImages = imported.probeImages
        self.output = output
        format = imported.modelFormat
        self.check = check.map {
            Check(
                images: $0.images, bitsBefore: JSONNumber($0.bitsBefore), bitsAfter: JSONNumber($0.bitsAfter),
                largestDifference: JSONNumber($0.largestDifference))
        }
    }

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
