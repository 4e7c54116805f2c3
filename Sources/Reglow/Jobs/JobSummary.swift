import Files
import FoundationEssentials
import KernelDispatch
import TrainingReports

/// What became of all images of a job, by their records: `summary.json` with the counts and what is missing, `summary.csv` with a line for each
/// image.
public struct JobSummary: Sendable, Encodable {
    /// An image without a result, and why.
    public struct Gap: Sendable, Encodable {
        /// The measurement's file.
        public let input: String
        /// The name of the output within the folder.
        public let output: String
        /// What kept it from being restored, or that nothing is known of it.
        public let reason: String
    }

    /// The images of the job.
    public private(set) var images = 0
    /// Images that are restored, and whose files are what their records say.
    public private(set) var done = 0
    /// Images of `done` that are the best until time or evaluations were used up.
    public private(set) var incomplete = 0
    /// Images that failed.
    public private(set) var failed: [Gap] = []
    /// Images that no call has looked at, or whose files are not what their records say.
    public private(set) var missing: [Gap] = []
    /// Sums over all solves.
    public private(set) var (evaluations, seconds) = (0, 0.0)
    /// Means over the images with a truth; nil where there is none. Infinite PSNR is left out.
    public private(set) var (meanPsnr, meanSsim): (Double?, Double?) = (nil, nil)
    /// How many images were restored with each instruction set: results differ in their last bits between them.
    public private(set) var instructionSets: [String: Int] = [:]
    /// How many images got each verdict of `Trust`.
    public private(set) var trust: [String: Int] = [:]
    /// How many solves ended for each reason.
    public private(set) var stops: [String: Int] = [:]

    /// Whether each image is restored.
    public var isWhole: Bool { failed.isEmpty && missing.isEmpty }

    /// Reads all records of a job and writes both files.
    ///
    /// - Throws: `JobFolderError`, `FileError`.
    public static func write(_ list: JobList, folder: String) throws -> JobSummary {
        try list.validateOutputs()
        var summary = JobSummary()
        let durability = AtomicFile.Durability()
        try AtomicFile.replace(Folder.joined(folder, "summary.csv"), durability) { file in
            try file.append("input,output,status,complete,psnr,ssim,evaluations,seconds,stop,size,model,instruction_set,error,trust\n")
            let scan = try JobScan(list, folder: folder)
            let block = 1 << 12
            for first in stride(from: 0, to: list.jobs.count, by: block) {
                let indices = Array(first ..< min(first + block, list.jobs.count))
                let states = try scan.states(of: indices, threads: ThreadCount.available())
                let lines = zip(indices, states).map { summary.add(list.jobs[$0], $1.state, $1.note, folder) }
                try file.append(lines.joined())
            }
        }
        summary.finish()
        try AtomicFile.write(
            Array((try JSONText.encode(summary) + "\n").utf8), to: Folder.joined(folder, "summary.json"), durability)
        return summary
    }

    private var (psnrs, ssims) = ((0.0, 0), (0.0, 0))

    private enum CodingKeys: CodingKey {
        case images, done, incomplete, failed, missing, evaluations, seconds, meanPsnr, meanSsim, instructionSets, trust, stops
    }

    private mutating func finish() {
        if psnrs.1 > 0 { meanPsnr = psnrs.0 / Double(psnrs.1) }
        if ssims.1 > 0 { meanSsim = ssims.0 / Double(ssims.1) }
    }

    /// Counts an image, and returns its line.
    private mutating func add(_ job: RestorationJob, _ state: JobScan.State, _ note: String?, _ folder: String) -> String {
        images += 1
        let stored = StoredRecord.read(JobRecord.path(of: Folder.joined(folder, job.output))).record
        var (status, error) = ("missing", "")
        switch state {
        case .done:
            done += 1
            status = "done"
            if stored?.complete == false { incomplete += 1 }
            evaluations += stored?.evaluations ?? 0
            seconds += stored?.seconds ?? 0
            if let isa = stored?.isa { instructionSets[isa, default: 0] += 1 }
            if let verdict = stored?.trust?.verdict { trust[verdict, default: 0] += 1 }
            if let stop = stored?.stop { stops[stop, default: 0] += 1 }
            if let psnr = stored?.psnr { psnrs = (psnrs.0 + psnr, psnrs.1 + 1) }
            if let ssim = stored?.ssim { ssims = (ssims.0 + ssim, ssims.1 + 1) }
        case .failed:
            (status, error) = ("failed", stored?.error ?? "")
            failed.append(Gap(input: job.input, output: job.output, reason: error))
        case .todo:
            error = note ?? "not restored yet"
            missing.append(Gap(input: job.input, output: job.output, reason: error))
        }
        func number(_ value: Double?, _ decimals: Int) -> String { value.map { $0.fixed(decimals) } ?? "" }
        let isDone = state == .done
        let fields = [
            job.input, job.output, status, isDone ? (stored?.complete == false ? "no" : "yes") : "", number(isDone ? stored?.psnr : nil, 3),
            number(isDone ? stored?.ssim : nil, 5), isDone ? stored?.evaluations.map(String.init) ?? "" : "",
            number(isDone ? stored?.seconds : nil, 3), isDone ? stored?.stop ?? "" : "",
            isDone ? stored?.size.map { $0.map(String.init).joined(separator: "x") } ?? "" : "", isDone ? stored?.model ?? "" : "",
            isDone ? stored?.isa ?? "" : "", error, isDone ? stored?.trust?.verdict ?? "" : "",
        ]
        return PathName.shown(inText: fields.map(Self.field).joined(separator: ",")) + "\n"
    }

    /// A field of CSV, in quotes where it must be.
    private static func field(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }
        guard needsQuotes else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
