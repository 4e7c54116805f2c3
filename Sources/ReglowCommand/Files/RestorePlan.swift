import ArgumentParser
import Reglow

/// Which file is restored into which, and which truth belongs to it.
///
/// One file goes into one file. Several files, or the images of a folder, go into a folder, under their base names: .npy for
/// .npy input, .png for all others. So does one file when the output is a folder that exists, or ends in a slash.
struct RestorePlan {
    struct Job {
        let input: String
        let output: String
        let truth: String?
    }

    let jobs: [Job]
    /// The folder of the outputs, nil when the output is one file.
    let folder: String?

    /// - Throws: `FileError` for a folder without images, and an input without a truth or with two of them; `ValidationError` for
    ///   an output that has no ending of an image, and for one truth of several inputs.
    init(inputs: [String], output: String, truth: String?) throws {
        let files = try inputs.flatMap { Folder.exists($0) ? try Folder.images(in: $0) : [$0] }
        let isOneFile = inputs.count == 1 && files == inputs && !Folder.exists(output) && !output.hasSuffix("/")
        if isOneFile { try OutputFiles.requireImageName("--output", output) }
        folder = isOneFile ? nil : output

        let isTruthFolder = truth.map(Folder.exists) ?? false
        if let truth, !isTruthFolder {
            try require(files.count == 1, "--truth \(truth) must be a folder, because several images are restored")
        }
        let truths = Dictionary(grouping: isTruthFolder ? try Folder.images(in: truth ?? "") : [], by: baseName)
        func truthFile(for input: String) throws -> String? {
            guard let truth, isTruthFolder else { return truth }
            let candidates = truths[baseName(of: input)] ?? []
            if candidates.count == 1 { return candidates[0] }
            let fault = candidates.isEmpty ? "has no image" : "has several images"
            throw FileError(path: truth, reason: "\(fault) of the name \(baseName(of: input)), the truth of \(input)")
        }

        jobs = try files.map { input in
            let name = baseName(of: input) + (fileExtension(of: input) == "npy" ? ".npy" : ".png")
            return Job(input: input, output: isOneFile ? output : Folder.joined(output, name), truth: try truthFile(for: input))
        }
    }
}
