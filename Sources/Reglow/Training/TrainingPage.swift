import Files
import FoundationEssentials
import Imaging
import Plots
import ReportPages
import TrainingReports

/// A training as a page: its curves, samples of what it has learnt, and how it was called.
package enum TrainingPage {
    /// Pictures of samples that are shown, at most: the first, the last, and some between.
    private static let mostSamples = 6

    /// - Parameters:
    ///   - files: of the training.
    ///   - summary: a sentence about how it ended.
    ///   - command: its arguments.
    /// - Throws: `FileError` where the log cannot be read.
    package static func make(
        _ files: TrainingFiles, summary: String, command: [String], parameters: [(name: String, value: String)], threads: Int
    ) throws -> ReportPage {
        let records = try self.records(files.log)
        var sections = [
            ReportPage.Section("Curves", [PageParts.charts(charts(records)), PageParts.details("The last records", [table(records)])])
        ]
        let samples = try self.samples(files.samples)
        if !samples.isEmpty {
            let comparison = PictureComparison(samples, of: "the samples", left: 0, right: samples.count - 1)
            sections.append(ReportPage.Section("Samples", [comparison.markup]))
        }
        sections.append(MakingSection.section(command: command, parameters: parameters, notes: [], threads: threads))
        return ReportPage(
            "Training of \(PathName.shown(fileName(of: files.model)))", introduction: [.element("p", [:], PathName.shown(summary))],
            sections: sections)
    }

    /// The records of a log; a last line that is not complete is left out.
    private static func records(_ path: String) throws -> [TrainingRecord] {
        guard FolderEntries.exists(path) else { return [] }
        return try FileBytes.read(path).split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(TrainingRecord.self, from: Data($0))
        }
    }

    private static func charts(_ records: [TrainingRecord]) -> [LineChart] {
        func curve(_ name: String, _ y: (TrainingRecord) -> Double?) -> LineChart.Series {
            LineChart.Series(name, records.compactMap { record in y(record).map { (Double(record.step), $0) } })
        }
        var loss = LossCurve(records, title: "").chart
        loss.decimalsOfLast = 3
        var gradient = LineChart(x: "steps", y: "norm of the gradient", [curve("gradient") { $0.gradientNorm }])
        gradient.asksForLogarithm = true
        let rate = LineChart(x: "steps", y: "learning rate", [curve("learning rate") { $0.learningRate }])
        let speed = LineChart(x: "steps", y: "images per second", [curve("images per second") { $0.imagesPerSecond }])
        return [loss, gradient, rate, speed]
    }

    private static func table(_ records: [TrainingRecord]) -> Markup {
        let rows = records.suffix(20).map { record -> [Markup] in
            let texts = [
                "\(record.step)", "\(record.images)", record.seconds.fixed(0), record.bitsPerDimension.map { $0.fixed(4) } ?? "",
                record.validationBitsPerDimension.map { $0.fixed(4) } ?? "", record.learningRate.general(3),
                record.gradientNorm.map { $0.general(3) } ?? "", record.imagesPerSecond.fixed(1),
            ]
            return texts.map { Markup.text($0) }
        }
        return PageParts.table(
            "Bits per dimension of training batches and of validation images.",
            columns: ["step", "images", "seconds", "bits", "validation bits", "learning rate", "gradient", "images per second"], rows: rows)
    }

    /// Sheets of samples, in the order of their steps.
    private static func samples(_ folder: String) throws -> [PagePicture] {
        guard Folder.exists(folder) else { return [] }
        let all = try Folder.files(in: folder).filter { fileExtension(of: $0) == "png" }
        let last = all.count - 1
        let chosen = all.count <= mostSamples ? Array(all.indices) : (0 ..< mostSamples).map { $0 * last / (mostSamples - 1) }
        return try chosen.compactMap { index in
            guard let image = try? ImageFile.read(all[index]).image else { return nil }
            let name = baseName(of: all[index])
            return try PagePicture(image, caption: name, description: "Samples drawn after \(name)")
        }
    }
}
