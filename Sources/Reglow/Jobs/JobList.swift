import Dispatch
import Files
import Imaging

/// The images of a job, each with the settings that it is restored by.
public struct JobList: Sendable {
    /// Settings that images share.
    public private(set) var settings: [RestorationSettings] = []
    /// The images.
    public private(set) var jobs: [RestorationJob] = []
    private var indices: [Int32] = []

    /// An empty list.
    public init() {}

    /// Images that have all the same settings.
    public init(_ jobs: [RestorationJob], settings: RestorationSettings) {
        let index = add(settings)
        for job in jobs { add(job, settings: index) }
    }

    /// Takes settings in.
    ///
    /// - Returns: the number by which images refer to them.
    public mutating func add(_ settings: RestorationSettings) -> Int {
        self.settings.append(settings)
        return self.settings.count - 1
    }

    /// Takes an image in.
    ///
    /// - Parameters:
    ///   - job: the image.
    ///   - settings: what `add` returned for its settings.
    public mutating func add(_ job: RestorationJob, settings: Int) {
        precondition(self.settings.indices.contains(settings), "settings that are not of the list")
        jobs.append(job)
        indices.append(Int32(settings))
    }

    /// The number of the settings of an image.
    func settingsIndex(_ job: Int) -> Int { Int(indices[job]) }

    /// Gives each image a limit of wall time.
    mutating func limit(seconds: Double) {
        for index in settings.indices { settings[index].solver.maximumSeconds = min(settings[index].solver.maximumSeconds, seconds) }
    }

    /// A hash of the outputs and of how images share settings: a list that differs in these is divided anew.
    var key: String {
        var hash = SHA256()
        for (job, index) in zip(jobs, indices) {
            let bytes = PathName.bytes(of: job.output) + [0, UInt8(truncatingIfNeeded: index), UInt8(truncatingIfNeeded: index >> 8)]
            bytes.withUnsafeBytes { hash.update($0) }
        }
        return hash.hexDigest()
    }

    /// How much work each image is about: pixels of the restored image, times what its problem takes.
    package func costs() -> [Double] {
        let factors = settings.map { $0.problem.relativeWork * ($0.solver.selfEnsemble ? 1.2 : 1) }
        let scales = settings.map { Double($0.problem.windowScale ?? 1) }
        var costs = [Double](repeating: 0, count: jobs.count)
        let block = 256
        costs.withUnsafeMutableBufferPointer { costs in
            nonisolated(unsafe) let costs = costs
            DispatchQueue.concurrentPerform(iterations: (jobs.count + block - 1) / block) { task in
                for index in task * block ..< min((task + 1) * block, jobs.count) {
                    let kind = settingsIndex(index)
                    if case .compressive(_, let size) = settings[kind].problem {
                        costs[index] = factors[kind] * Double(size.pixels)
                    } else {
                        costs[index] = factors[kind] * scales[kind] * scales[kind] * Double(PictureSize.estimate(jobs[index].input))
                    }
                }
            }
        }
        return costs
    }

    /// What an input is called as an output: its name without folders and with the ending of the output.
    ///
    /// - Parameters:
    ///   - relativeName: its name without an ending, with folders where it lies in some.
    ///   - path: of the input.
    ///   - format: nil is NumPy for a NumPy array and PNG for all else.
    public static func outputName(_ relativeName: String, ofInput path: String, format: ImageFormat? = nil) -> String {
        relativeName + "." + (format ?? (fileExtension(of: path) == "npy" ? .numPy : .png)).endings[0]
    }

    /// Outputs are names within a folder, of images, and each is the output of one input.
    ///
    /// - Throws: `JobFolderError` that names the output.
    package func validateOutputs() throws(JobFolderError) {
        // By hashes of their bytes: a million names in a set would take as much memory as the list.
        var seen: [Int: Int] = [:]
        seen.reserveCapacity(jobs.count)
        for (index, job) in jobs.enumerated() {
            try Self.validate(job.output)
            let bytes = PathName.bytes(of: job.output)
            var hash = bytes.hashValue
            while let other = seen[hash] {
                if PathName.bytes(of: jobs[other].output) == bytes {
                    throw JobFolderError.sameOutput(job.output, inputs: [jobs[other].input, job.input])
                }
                hash &+= 1
            }
            seen[hash] = index
        }
    }

    private static func validate(_ name: String) throws(JobFolderError) {
        func fault(_ text: String) -> JobFolderError { .outputName(name, text) }
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if name.isEmpty { throw fault("has no name") }
        if name.utf8.first == UInt8(ascii: "/") { throw fault("must be a name within the output folder") }
        for part in parts {
            if part.isEmpty { throw fault("has an empty name in it") }
            if part.elementsEqual("..".utf8) || part.elementsEqual(".".utf8) { throw fault("must not lead out of the output folder") }
            if part.count > 240 { throw fault("has a name of \(part.count) bytes, and 240 are the most") }
        }
        if parts.first.map({ $0.elementsEqual(JobFolder.hidden.utf8) }) == true { throw fault("has the name of the folder's own notes") }
        guard let format = ImageFormat(ending: fileExtension(of: name)), [.png, .tiff, .numPy].contains(format) else {
            throw fault("must end in .png, .tif, .tiff or .npy")
        }
    }
}
