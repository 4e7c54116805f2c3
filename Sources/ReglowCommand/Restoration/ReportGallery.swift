import Reglow

/// What a call collects for its page: each image as it is done.
final class ReportGallery {
    private let folder: String
    private var report: RestorationReport
    /// The PSNR of the iterates, and the traces, of images that are not done.
    private var iterateQuality: [Int: [Double]] = [:]
    private var traces: [Int: Trace] = [:]
    /// What the posterior says of images that are not done.
    private var posteriors: [Int: PosteriorEstimate] = [:]

    init(folder: String, title: String, engine: EngineOptions) {
        self.folder = folder
        report = RestorationReport(title: title, command: ReportOption.command)
        report.threads = engine.parallelism.threads
    }

    /// Compares an iterate with the truth.
    ///
    /// - Throws: `ImageError` when the shapes differ.
    func add(_ progress: RestorationProgress, _ file: MeasurementFile) throws {
        guard let truth = file.truth else { return }
        let estimate = try file.output(of: try progress.image()).clipped()
        iterateQuality[file.number, default: []].append(try peakSignalToNoiseRatio(truth, estimate))
    }

    func end(_ trace: Trace, _ file: MeasurementFile) { traces[file.number] = trace }

    /// What draws show of an image whose mean is added next.
    func add(_ posterior: PosteriorEstimate, _ file: MeasurementFile) { posteriors[file.number] = posterior }

    /// An image that is done.
    ///
    /// - Parameter failure: why it is not to be used; nil for one that is.
    func add(_ file: MeasurementFile, _ image: Image, _ solution: SolutionReport, failure: String?) throws {
        var picture = RestorationReport.Picture(shownInput(file.job.input), file, restored: image, solution)
        picture.trace = traces.removeValue(forKey: file.number)
        picture.iterateQuality = iterateQuality.removeValue(forKey: file.number) ?? []
        picture.failure = failure
        if let posterior = posteriors.removeValue(forKey: file.number) { picture.show(posterior) }
        try report.add(picture)
    }

    /// An image that failed.
    func fail(_ job: RestorationJob, _ number: Int, _ reason: String) throws {
        (traces[number], iterateQuality[number], posteriors[number]) = (nil, nil, nil)
        var picture = RestorationReport.Picture(shownInput(job.input))
        picture.failure = reason
        try report.add(picture)
    }

    /// Writes the page.
    ///
    /// - Parameter parameters: as names and values, see `RestorationSettings.options`.
    func write(parameters: [String: String], _ notes: Notes) throws {
        report.parameters = parameters.sorted { $0.key < $1.key }.map { ($0.key.replacing("_", with: " "), $0.value) }
        report.notes = notes.all.map { "\($0.about): \($0.text)" }
        try report.write(into: folder)
    }
}
