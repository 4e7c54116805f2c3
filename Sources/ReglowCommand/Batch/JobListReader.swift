import ArgumentParser
import Reglow

/// Makes the list of a job's images from the arguments of `reglow batch`.
struct JobListReader {
    private let command: BatchCommand
    private let arguments: [String]
    private let notes: Notes

    /// - Parameter arguments: those of the call, which the options of a manifest's line are added to.
    init(_ command: BatchCommand, arguments: [String], notes: Notes) {
        (self.command, self.arguments, self.notes) = (command, arguments, notes)
    }

    /// - Throws: `FileError` for a folder or a manifest that cannot be read, with the line that is at fault.
    func list() throws -> JobList {
        guard let jobs = command.jobs else { return JobList() }
        return Folder.exists(jobs) ? try images(of: jobs) : try manifest(jobs)
    }

    // MARK: - A folder

    private func images(of folder: String) throws -> JobList {
        let contents = try FolderContents(of: folder, isRecursive: command.recursive, except: command.output).requiringImages()
        if let summary = contents.summary { notes.tell(folder, summary) }
        let truths = try command.truth.map { try TruthFolder($0, isRecursive: command.recursive) }
        var list = JobList()
        let settings = list.add(try settings(command))
        for image in contents.images {
            let output = JobList.outputName(image.relativeName, ofInput: image.path, format: command.formatOption.format?.image)
            let job = RestorationJob(input: image.path, output: output, truth: try truths?.truth(of: image))
            list.add(job, settings: settings)
        }
        return list
    }

    private func settings(_ command: BatchCommand) throws -> RestorationSettings {
        try command.settingsArguments.settings(
            white: command.pictures.range,
            start: try command.start.read(
                seed: command.settingsArguments.noiseOptions.seed, scale: command.pictures.scale, notes: notes
            ).point, precision: command.engine.precision, notes: notes
        ).settings
    }

    // MARK: - A manifest

    /// Options that say how the call works, not how an image is restored.
    private static let callNames: Set<String> = [
        "output", "merge", "dry-run", "recursive", "truth", "shard", "shard-base", "checkpoint-seconds", "seconds-per-image",
        "total-seconds", "fail-fast", "max-failures", "retry-failed", "memory", "json", "threads", "quiet", "verbose", "help", "version",
    ]

    private func manifest(_ path: String) throws -> JobList {
        var list = JobList()
        var known: [String: (settings: Int, format: ImageFormat?)] = [:]
        let place = folder(of: path)
        try JobManifest.read(path) { line, row in
            func fault(_ reason: String) -> FileError { FileError(path: path, reason: "line \(line): \(reason)") }
            guard let input = row.input else { throw fault("names no input") }
            func located(_ name: String) -> String {
                name.utf8.first == UInt8(ascii: "/") || place == "." ? name : Folder.joined(place, name)
            }
            // An alpha channel as the mask is an option; a file is of one image. Whether there is one decides which options may be given.
            let isAlpha = row.mask == MaskOptions.ownAlpha
            let mask = isAlpha ? nil : row.mask.map(located)
            let key = row.key + (isAlpha ? "alpha" : mask == nil ? "" : "mask")
            let (settings, format): (Int, ImageFormat?)
            if let found = known[key] {
                (settings, format) = found
            } else {
                let lineCommand: BatchCommand
                do {
                    lineCommand = try self.lineCommand(row.options, mask: isAlpha ? MaskOptions.ownAlpha : mask)
                } catch {
                    throw fault(BatchCommand.message(for: error))
                }
                (settings, format) = (list.add(try self.settings(lineCommand)), lineCommand.formatOption.format?.image)
                known[key] = (settings, format)
            }
            var seed: UInt64?
            if let text = row.seed {
                guard let number = UInt64(text) else { throw fault("the seed '\(text)' is no number from 0 on") }
                seed = number
            }
            let output = row.output ?? JobList.outputName(baseName(of: input), ofInput: input, format: format)
            list.add(
                RestorationJob(input: located(input), output: output, truth: row.truth.map(located), mask: mask, seed: seed),
                settings: settings)
        }
        guard !list.jobs.isEmpty else { throw FileError(path: path, reason: "names no image") }
        return list
    }

    /// The command with the options of a line added to its own.
    ///
    /// - Throws: the error of wrong usage.
    private func lineCommand(_ options: [(name: String, text: String)], mask: String?) throws -> BatchCommand {
        var all = Array(arguments.dropFirst())
        for (name, text) in options {
            try require(!Self.callNames.contains(name), "'\(name)' is for the whole call, not for one image")
            switch text {
            case "true": all.append("--" + name)
            case "false": break
            default: all.append("--\(name)=\(text)")
            }
        }
        if let mask { all.append("--mask=" + mask) }
        let command = try BatchCommand.parse(all)
        try command.settingsArguments.problemOptions.requireProblem()
        return command
    }
}
