import ArgumentParser
import Reglow

/// Which file is restored into which, and which truth belongs to it.
///
/// One file goes into one file. Several files, or the images of a folder, go into a folder, under their base names: .npy for
/// .npy input, .png for all others, or in the format that the call asks for. So does one file when the output is a folder that exists,
/// or ends in a slash. Images of the folders in a folder go into folders of the same names in the output. `-` is standard input and
/// standard output.
struct RestorePlan {
    let jobs: [RestorationJob]
    /// The folder of the outputs, nil when the output is one file.
    let folder: String?
    /// The folders among the inputs.
    let contents: [FolderContents]

    /// Clashes that are named in an error.
    private static let mostClashes = 3

    /// - Parameters:
    ///   - format: of images that go into a folder.
    ///   - isRecursive: whether folders in the input folders are taken too.
    /// - Throws: `FileError` for a folder without images, and an input without a truth or with two of them; `ValidationError` for
    ///   an output that has no ending of an image or that two inputs have, and for one truth of several inputs.
    init(inputs: [String], output: String, truth: String?, format: ImageFormat? = nil, isRecursive: Bool = false) throws {
        var contents: [FolderContents] = []
        let files = try inputs.flatMap { input -> [FolderContents.Image] in
            guard input != standardStream, Folder.exists(input) else { return [FolderContents.Image(path: input, relativeFolder: "")] }
            contents.append(try FolderContents(of: input, isRecursive: isRecursive, except: output).requiringImages())
            return contents.last?.images ?? []
        }
        self.contents = contents
        let isFolder = output != standardStream && (Folder.exists(output) || output.hasSuffix("/"))
        let isOneFile = inputs.count == 1 && contents.isEmpty && !isFolder
        try require(isOneFile || output != standardStream, "--output - is for one image; several go into a folder")
        if isOneFile { try OutputFiles.requireImageName("--output", output) }
        folder = isOneFile ? nil : output

        let isTruthFolder = truth.map(Folder.exists) ?? false
        if let truth, !isTruthFolder {
            try require(files.count == 1, "--truth \(truth) must be a folder, because several images are restored")
        }
        let found = isTruthFolder ? try FolderContents(of: truth ?? "", isRecursive: isRecursive).requiringImages().images : []
        let truths = Dictionary(grouping: found, by: \.relativeName)
        func truthFile(for input: FolderContents.Image) throws -> String? {
            guard let truth, isTruthFolder else { return truth }
            let candidates = truths[input.relativeName] ?? []
            if candidates.count == 1 { return candidates[0].path }
            let fault = candidates.isEmpty ? "has no image" : "has several images"
            throw FileError(path: truth, reason: "\(fault) of the name \(input.relativeName), the truth of \(input.path)")
        }

        jobs = try files.map { input in
            let written = format ?? (fileExtension(of: input.path) == "npy" ? .numPy : .png)
            let name = (input.path == standardStream ? "standard-input" : input.relativeName) + "." + written.endings[0]
            return RestorationJob(
                input: input.path, output: isOneFile ? output : Folder.joined(output, name), truth: try truthFile(for: input))
        }
        try Self.requireDistinctOutputs(jobs)
    }

    /// Names all inputs of an output that has several.
    private static func requireDistinctOutputs(_ jobs: [RestorationJob]) throws {
        // By their bytes: Swift takes strings for equal that differ in how an accent is coded, and the file system does not.
        var inputs: [[UInt8]: [String]] = [:]
        for job in jobs { inputs[PathName.bytes(of: job.output), default: []].append(job.input) }
        let clashes = inputs.filter { $0.value.count > 1 }.map { (key: PathName.decode($0.key), value: $0.value) }.sorted {
            $0.key < $1.key
        }
        guard !clashes.isEmpty else { return }
        let named = clashes.prefix(mostClashes).map { "\($0.value.joined(separator: " and ")) would both become \($0.key)" }
        let rest = clashes.count - named.count
        throw ValidationError(named.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more such outputs" : ""))
    }
}

extension FolderContents.Image {
    /// The path within its folder, without the ending of the name.
    var relativeName: String { relativeFolder.isEmpty ? baseName(of: path) : relativeFolder + "/" + baseName(of: path) }
}
