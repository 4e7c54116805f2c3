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
        let truths = isTruthFolder ? try truth.map { try TruthFolder($0, isRecursive: isRecursive) } : nil
        jobs = try files.map { input in
            let relativeName = input.path == standardStream ? "standard-input" : input.relativeName
            let name = JobList.outputName(relativeName, ofInput: input.path, format: format)
            return RestorationJob(
                input: input.path, output: isOneFile ? output : Folder.joined(output, name), truth: try truths?.truth(of: input) ?? truth)
        }
        try Self.requireDistinctOutputs(jobs)
    }

    /// What a page about the call is called.
    var title: String { jobs.count == 1 ? "Restored: \(fileName(of: shownInput(jobs[0].input)))" : "\(jobs.count) restored images" }

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
