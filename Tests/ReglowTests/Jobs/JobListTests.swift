import Reglow
import TestSupport
import Testing

@Suite struct JobListTests {
    private func fault(_ outputs: [String]) -> String? {
        let jobs = outputs.enumerated().map { RestorationJob(input: "in-\($0)", output: $1) }
        do {
            try JobList(jobs, settings: RestorationSettings(problem: .denoise)).validateOutputs()
            return nil
        } catch { return "\(error)" }
    }

    @Test func namesWithinTheFolderAreTaken() {
        #expect(fault(["a.png", "b.npy", "c/d.tif", "c/e.tiff", "ä.png", "a\u{308}.png"]) == nil)
    }

    @Test(arguments: [
        ("", "has no name"), ("/a.png", "within the output folder"), ("../a.png", "lead out"), ("b/../a.png", "lead out"),
        ("./a.png", "lead out"),
        ("b//a.png", "an empty name"), (".reglow/a.png", "own notes"), ("a.jpg", "must end in"), ("a", "must end in"),
        ("b/", "an empty name"),
        (String(repeating: "a", count: 250) + ".png", "240 are the most"),
    ])
    func othersAreRefused(name: String, words: String) { #expect(fault(["ok.png", name])?.contains(words) == true) }

    @Test func oneFileIsTheOutputOfOneInput() {
        #expect(fault(["a.png", "b.png", "a.png"]) == "in-0 and in-2 would both become a.png")
    }

    /// Large pictures and hard problems are more work.
    @Test func costsGoByPixelsAndProblem() throws {
        let folder = try TemporaryFolder()
        for (name, side) in [("small.npy", 8), ("large.npy", 32)] {
            try ImageFile.write(try Image(channels: 1, height: side, width: side) { _, _, _ in 0.5 }, to: folder.file(name))
        }
        var list = JobList()
        let kinds = [Problem.denoise, .superresolve(scale: 2)].map { list.add(RestorationSettings(problem: $0)) }
        for kind in kinds {
            for name in ["small.npy", "large.npy"] {
                list.add(RestorationJob(input: folder.file(name), output: "\(kind)-\(name)"), settings: kind)
            }
        }
        let costs = list.costs()
        #expect(costs[1] == 16 * costs[0])
        #expect(costs[3] == 16 * costs[2])
        #expect(costs[2] > 4 * costs[0])
        #expect(JobList.outputName("b/a", ofInput: "x/b/a.npy") == "b/a.npy")
        #expect(JobList.outputName("a", ofInput: "a.jpg") == "a.png")
        #expect(JobList.outputName("a", ofInput: "a.jpg", format: .tiff).hasPrefix("a.tif"))
    }
}
