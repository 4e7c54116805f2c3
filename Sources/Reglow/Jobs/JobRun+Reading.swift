import Dispatch
import Files

/// The thread that reads ahead.
extension JobRun {
    func readAll(_ todo: [Int]) {
        var readers: [Int: Result<TrustedPixels, any Error>] = [:]
        for index in todo {
            if isHalted || isTimeUp || queue.isClosed { return }
            let notes = Notes()
            do {
                let settings = list.settingsIndex(index)
                let trusted =
                    readers[settings]
                    ?? Result {
                        try TrustedPixels(
                            list.settings[settings].masks, Notes { [onEvent] in onEvent(.note(about: $1.about, text: $1.text)) })
                    }
                readers[settings] = trusted
                guard queue.add(try read(index, try trusted.get(), notes)) else { return }
            } catch {
                fail(index, error, notes)
            }
        }
    }

    private func read(_ index: Int, _ trusted: TrustedPixels, _ notes: Notes) throws -> PreparedJob {
        let job = list.jobs[index]
        let settings = list.settings[list.settingsIndex(index)]
        let (hash, bytes) = try SHA256.hexDigest(ofFile: job.input)
        let reader = MeasurementReader(
            settings: settings, trusted: trusted.telling(notes), writesOutput: false, notes: notes,
            restorer: { [restorers] in try restorers.restorer(RestorerCache.Key(settings, prior: $0)) })
        let file = try reader.read(job, number: index)
        let key = RestorerCache.Key(settings, prior: file.key.prior)
        let canvas = try RestorationPlanner(try restorers.restorer(key), problem: settings.problem).canvas(of: file.imageSize)
        let isBegun = FolderEntries.exists(folder.checkpoint(of: job.output))
        return PreparedJob(
            index: index, file: file, group: PreparedJob.Group(restorer: key, canvas: canvas), inputSha256: hash, inputBytes: bytes,
            checkpoint: isBegun ? owner(try scan.options(of: index).digest, hash, key) : nil, notes: notes)
    }

    func owner(_ digest: String, _ inputSha256: String, _ restorer: RestorerCache.Key) -> JobCheckpoint.Owner {
        JobCheckpoint.Owner(
            job: digest, inputSha256: inputSha256, isa: engine.isa, gradients: restorer.gradientPrecision ?? restorer.precision,
            version: engine.version)
    }
}
