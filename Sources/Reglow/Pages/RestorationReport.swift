import Files
import Imaging
import InverseSolvers
import Plots
import ReportPages
import TrainingReports

/// A page about restored images that one can look at: `index.html` in a folder of its own, which opens without a network.
///
///     var report = RestorationReport(title: "Two faces", parameters: [("problem", "deblurring, uniform 5x5")])
///     try report.add(RestorationReport.Picture("face.png", measurement: blurred, restored: restored[0], truth: truth))
///     try report.write(into: "report")
///
/// Pictures stand side by side with one zoom for all, and two of them behind a slider; then come maps of error and deviation, samples,
/// convergence, and what was computed by what. A page holds `mostPixels` of pictures: of those that come later it has the numbers only.
public struct RestorationReport: Sendable {
    /// The title of the page.
    public let title: String
    /// The command that made the images, as its arguments; empty where there was none.
    public var command: [String]
    /// How the images were restored, as names and values.
    public var parameters: [(name: String, value: String)]
    /// What the user was told.
    public var notes: [String]
    /// Threads that worked at once; nil is what the machine and its cgroup offer.
    public var threads: Int?

    /// The name of the page in its folder.
    package static let fileName = ReportPage.fileName
    /// The pixels of all pictures of a page, about.
    public static let mostPixels = 1 << 24
    /// The lines of the table of all images, at most.
    private static let mostRows = 2000

    private var sections: [ReportPage.Section] = []
    private var rows: [[Markup]] = []
    private var count = 0
    private var unshown = 0
    private var pixels = 0

    /// Begins a report without pictures.
    ///
    /// - Parameters:
    ///   - title: the title of the page.
    ///   - command: the command that makes the images, as its arguments; empty where there is none.
    ///   - parameters: how the images are restored, as names and values.
    public init(title: String, command: [String] = [], parameters: [(name: String, value: String)] = []) {
        (self.title, self.command, self.parameters) = (title, command, parameters)
        notes = []
    }

    /// Adds an image that was restored, or that failed.
    ///
    /// - Throws: `ImageError` where the truth, the deviation or a sample has another shape than the restored image.
    public mutating func add(_ picture: Picture) throws {
        list(picture)
        try show(picture)
    }

    /// Adds an image to the table of all, without its pictures.
    package mutating func list(_ picture: Picture) {
        count += 1
        if rows.count < Self.mostRows { rows.append(picture.row) }
    }

    /// Adds the pictures of an image that is listed.
    package mutating func show(_ picture: Picture) throws {
        let needed = picture.pixels
        guard pixels + needed <= Self.mostPixels || sections.isEmpty else {
            unshown += 1
            return
        }
        pixels += needed
        sections.append(ReportPage.Section(PathName.shown(picture.name), try picture.parts()))
    }

    /// Writes the page into a folder, which is made where it is missing.
    ///
    /// - Throws: `FileError`, also where the folder has a page already: none is replaced.
    public func write(into folder: String) throws { try page.write(into: folder) }

    /// Throws what `write(into:)` would throw for this folder now, so that long work can fail before it starts.
    ///
    /// - Throws: `FileError`.
    public static func requireRoom(in folder: String) throws { try ReportPage.requireRoom(in: folder) }

    /// The page as text.
    package var html: String { page.html }

    private var page: ReportPage {
        var page = ReportPage(title, introduction: introduction, sections: sections)
        if count > 1 {
            page.sections.insert(
                ReportPage.Section(
                    "All images",
                    [
                        PageParts.table(
                            tableCaption, columns: ["image", "trust", "PSNR", "SSIM", "evaluations", "seconds", "stop"], rows: rows,
                            words: [1])
                    ]), at: 0)
        }
        page.sections.append(MakingSection.section(command: command, parameters: parameters, notes: notes, threads: threads))
        return page
    }

    /// Sentences about all images, below the title.
    package var summary: [String] = []
    /// How many images of the table have no pictures on the page by choice, and why.
    package var choice: String?

    private var introduction: [Markup] {
        let images = "\(count) \(count == 1 ? "image" : "images"), restored by Reglow \(reglowVersion)."
        let rest = unshown == 0 ? "" : " The pictures of \(unshown) are left out, because a page holds \(Self.mostPixels >> 20) megapixels."
        return [.element("p", ["class": "soft"], images + rest)] + (summary + (choice.map { [$0] } ?? [])).map { .element("p", [:], $0) }
    }

    private var tableCaption: String {
        rows.count == count
            ? "PSNR in dB and SSIM against the truth, where there is one." : "The first \(rows.count) of \(count); the JSON report has all."
    }
}
