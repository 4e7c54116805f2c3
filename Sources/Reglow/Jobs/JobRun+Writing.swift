import Dispatch
import Files
import Imaging
import InverseSolvers

/// The thread that writes.
extension JobRun {
    /// Hands a result to the writer, and waits where that is far behind.
    func deliver(_ job: PreparedJob, _ solved: SolvedJob) {
        unwritten.wait()
        writing.async { [self] in
            defer { unwritten.signal() }
            if state.withLock({ $0.fault != nil }) { return }
            do {
                try write(job, solved)
            } catch {
                stop(error)
            }
        }
    }

    /// The image, then its record: an image without one is not done.
    private func write(_ job: PreparedJob, _ solved: SolvedJob) throws {
        let notes = job.notes
        for note in solved.noiseEstimate?.notes ?? [] { notes.tell(job.file.job.input, note) }
        if solved.solution.trust.verdict != .ok { notes.tell(job.file.job.input, "trust: \(solved.solution.trust.text)") }
        let image: Image
        var record = self.record(job.index)
        record.inputSha256 = job.inputSha256
        record.inputBytes = job.inputBytes
        record.model = job.file.key.prior
        record.modelSha256 = try restorers.hash(ofPrior: job.file.key.prior)
        record.solution = solved.solution
        record.complete = solved.isComplete
        do {
            image = try job.file.output(of: solved.image)
            let shape = image.shape
            record.size = [shape.height, shape.width]
            record.solution?.setQuality(try job.file.truth.map { try Quality(of: try image.clipped(), truth: $0) })
            if let diverged = solved.diverged {
                throw FileError(path: job.file.job.input, reason: "diverged, nothing was written: \(diverged.diagnosis ?? "")")
            }
        } catch {
            record.error = reason(error, job.file.job)
            return try finish(job.index, record, notes)
        }
        let name = job.file.job.output
        let path = folder.path(of: name)
        if name.utf8.contains(UInt8(ascii: "/")) { try Folder.create(Files.folder(of: path)) }
        let encoded = try ImageFile.encode(
            job.file.written(image, notes), as: ImageFormat(ending: fileExtension(of: name)) ?? .png, path: path)
        for remark in encoded.notes { notes.tell(name, remark) }
        try AtomicFile.write(encoded.bytes, to: path, folder.durability)
        record.status = .done
        record.output = name
        record.outputSha256 = SHA256.hexDigest(of: encoded.bytes)
        record.outputBytes = encoded.bytes.count
        try finish(job.index, record, notes)
    }

    /// An image that failed has a record too.
    func fail(_ index: Int, _ error: any Error, _ notes: Notes) {
        unwritten.wait()
        writing.async { [self] in
            defer { unwritten.signal() }
            if state.withLock({ $0.fault != nil }) { return }
            do {
                var record = self.record(index)
                record.error = reason(error, list.jobs[index])
                try finish(index, record, notes)
            } catch {
                stop(error)
            }
        }
    }

    private func record(_ index: Int) -> JobRecord {
        let job = list.jobs[index]
        // The mask of an image may be what it failed by.
        let (options, digest) = (try? scan.options(of: index)) ?? ([:], "")
        return JobRecord(status: .failed, input: job.input, truth: job.truth, job: digest, options: options, engine: engine)
    }

    private func reason(_ error: any Error, _ job: RestorationJob) -> String {
        switch error {
        case let error as FileError: error.path == job.input ? error.reason : error.description
        case let error as MeasurementError: "\(error.reason)"
        default: "\(error)"
        }
    }

    /// Writes the record, and counts the image.
    private func finish(_ index: Int, _ unnoted: JobRecord, _ notes: Notes) throws {
        var record = unnoted
        record.notes = notes.all
        let job = list.jobs[index]
        let path = JobRecord.path(of: folder.path(of: job.output))
        if job.output.utf8.contains(UInt8(ascii: "/")) { try Folder.create(Files.folder(of: path)) }
        try AtomicFile.write(Array((JSONText.encode(record) + "\n").utf8), to: path, folder.durability)
        JobFolder.remove(folder.checkpoint(of: job.output))
        let counts = state.withLock { state in
            if record.status == .done {
                state.counts.done += 1
                if record.complete == false { state.counts.incomplete += 1 }
            } else {
                state.counts.failed += 1
                state.isOutOfFailures = state.counts.failed >= options.mostFailures
            }
            return state.counts
        }
        onEvent(
            .ended(
                JobOutcome(
                    index: index, job: job, error: record.error, isComplete: record.complete ?? true,
                    evaluations: record.solution?.evaluations ?? 0, seconds: record.solution?.seconds ?? 0,
                    text: record.solution?.text ?? "", notes: record.notes), counts))
    }

    /// Nothing more can be written.
    private func stop(_ error: any Error) {
        state.withLock { if $0.fault == nil { $0.fault = error } }
        queue.close()
    }
}
