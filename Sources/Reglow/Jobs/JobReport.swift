import Files
import Imaging
import TrainingReports

extension RestorationReport {
    /// The report on a job, by the records in its folder: a line for each image, and pictures of those that a reader wants to see first.
    ///
    /// - Parameter summary: of the job.
    /// - Throws: `FileError` where the folder cannot be read; an image whose files cannot be read has its line alone.
    package init(job list: JobList, folder: String, summary: JobSummary, title: String) throws {
        self.init(title: title)
        let jobs = list.jobs
        var shown: [(rank: Int, index: Int)] = []
        for (index, job) in jobs.enumerated() {
            let record = StoredRecord.read(JobRecord.path(of: Folder.joined(folder, job.output))).record
            self.list(Picture(job, record))
            shown.append((record.map(Self.rank) ?? 0, index))
            // The least trusted first, and of those alike the first of the list.
            if shown.count > 2 * Self.mostShown { shown = Array(shown.sorted { $0 < $1 }.prefix(Self.mostShown)) }
            if parameters.isEmpty, let record { parameters = Self.parameters(of: record) }
        }
        for (_, index) in shown.sorted(by: { $0 < $1 }).prefix(Self.mostShown) {
            let job = jobs[index]
            let record = StoredRecord.read(JobRecord.path(of: Folder.joined(folder, job.output))).record
            var picture = Picture(job, record)
            guard record?.status == .done else {
                try show(picture)
                continue
            }
            picture.restored = try? ImageFile.read(Folder.joined(folder, job.output)).image
            picture.measured = try? ImageFile.read(job.input).image
            picture.truth = job.truth.flatMap { try? ImageFile.read($0).image }
            // Of a truth with surroundings, or in other channels, the record has the quality, and the page no map.
            if picture.truth?.shape != picture.restored?.shape { picture.truth = nil }
            try show(picture)
        }
        self.summary = [Self.text(summary)]
        if jobs.count > Self.mostShown {
            choice = "Of \(jobs.count) images the \(Self.mostShown) are shown that most want to be looked at; the table has the numbers."
        }
    }

    /// Images whose pictures are shown, at most.
    private static let mostShown = 24

    private static func text(_ summary: JobSummary) -> String {
        var text = "\(summary.done) of \(summary.images) images are restored"
        if summary.incomplete > 0 { text += ", \(summary.incomplete) of them cut short" }
        if !summary.failed.isEmpty { text += "; \(summary.failed.count) failed" }
        if !summary.missing.isEmpty { text += "; \(summary.missing.count) are missing" }
        text += ". \(summary.evaluations) evaluations in \(summary.seconds.fixed(1)) seconds of solves."
        if let psnr = summary.meanPsnr {
            text += " PSNR \(psnr.fixed(2)) dB in the mean" + (summary.meanSsim.map { ", SSIM \($0.fixed(4))." } ?? ".")
        }
        return text
    }

    /// What decides the result of all images of a job, and what made the first of them.
    private static func parameters(of record: StoredRecord) -> [(name: String, value: String)] {
        record.options.sorted { $0.key < $1.key }.map { ($0.key.replacing("_", with: " "), $0.value) }
    }

    /// Smaller for what is to be looked at first.
    private static func rank(_ record: StoredRecord) -> Int {
        if record.status == .failed { return 0 }
        if let verdict = record.trust.flatMap({ Trust.Verdict(rawValue: $0.verdict) }), verdict != .ok {
            return verdict == .unusable ? 1 : 2
        }
        return record.complete == false ? 3 : 4
    }
}

extension RestorationReport.Picture {
    /// What the record of an image says.
    fileprivate init(_ job: RestorationJob, _ record: StoredRecord?) {
        self.init(job.input)
        guard let record else {
            failure = "it is not restored yet"
            return
        }
        if record.status == .failed { failure = record.error ?? "" }
        var numbers = Numbers()
        (numbers.psnr, numbers.ssim, numbers.hasQuality) = (record.psnr, record.ssim, record.psnr != nil)
        (numbers.evaluations, numbers.seconds, numbers.stop) = (record.evaluations, record.seconds, record.stop)
        self.numbers = numbers
        trust = record.trust.flatMap { stored in Trust.Verdict(rawValue: stored.verdict).map { ($0, stored.reasons) } }
    }
}
