import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow batch` as its users call it.
@Suite struct BatchCommandTests {
    let folder: TemporaryFolder
    private let options = ["--prior", "tiny.safetensors", "--noise", "0.05", "--max-evaluations", "4", "--threads", "1"]

    init() throws {
        folder = try .withModel()
        try folder.makeFolder("in")
        for index in 0 ..< 5 { try folder.writePicture("in/\(index).png", phase: Float(index)) }
    }

    private func batch(
        _ arguments: String..., status: Int32 = 0, environment: [String: String] = [:], location: SourceLocation = #_sourceLocation
    ) throws -> Command.Ending {
        let ending = try Command.run(["batch"] + arguments + options, in: folder, environment: environment)
        #expect(ending.status == status, "\(arguments): \(ending.messages)", sourceLocation: location)
        return ending
    }

    private func outputs(_ name: String) throws -> [[UInt8]] { try (0 ..< 5).map { try folder.bytes("\(name)/\($0).png") } }

    @Test func aFolderIsRestoredWithRecordsAndASummary() throws {
        let ending = try batch("in", "-o", "out", "--problem", "denoise", "--truth", "in")
        #expect(ending.output == "out: 5 of 5 images restored, 5 of them cut short; see out/summary.csv\n")
        #expect(
            try folder.contents("out").filter { $0 != ".reglow" } == (0 ..< 5).flatMap { ["\($0).png", "\($0).png.json"] } + [
                "summary.csv", "summary.json",
            ])
        // The bytes are those of 'restore'.
        try Command.succeed(
            "restore", "in", "--output", "restored/", "--problem", "denoise", "--prior", "tiny.safetensors", "--noise", "0.05",
            "--max-evaluations", "4", in: folder)
        #expect(try outputs("out") == outputs("restored"))
        let record = try folder.json("out/3.png.json")
        #expect(record["status"] as? String == "done" && record["input"] as? String == "in/3.png" && record["psnr"] is Double)
        let summary = try folder.json("out/summary.json")
        #expect(summary["done"] as? Int == 5 && summary["mean_psnr"] is Double)
        #expect(try folder.column("status", of: "out/summary.csv") == [String](repeating: "done", count: 5))
        #expect(try folder.column("output", of: "out/summary.csv") == (0 ..< 5).map { "\($0).png" })
    }

    @Test func shardsAreMerged() throws {
        _ = try batch("in", "-o", "whole", "--problem", "denoise")
        _ = try batch("in", "-o", "out", "--problem", "denoise", "--shard", "OTHER/3", environment: ["OTHER": "2"])
        let early = try Command.fail(1, naming: ["missing", "the same call again"], arguments: ["batch", "--merge", "out"], in: folder)
        #expect(early.output.contains("missing"))
        _ = try batch("in", "-o", "out", "--problem", "denoise", "--shard", "INDEX/3", "--shard-base", "0", environment: ["INDEX": "0"])
        let slurm = [
            "SLURM_ARRAY_TASK_ID": "12", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_MAX": "12", "SLURM_ARRAY_TASK_STEP": "1",
            "SLURM_ARRAY_TASK_COUNT": "3",
        ]
        let third = try batch("in", "-o", "out", "--problem", "denoise", environment: slurm)
        #expect(third.messages.contains("shard: 3/3, by task 12 of the Slurm job array"))
        // Neither the variable of a shard nor an array with gaps is anything to it.
        try Command.succeed(
            "batch", "--merge", "out", in: folder, environment: ["SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "3"])
        #expect(try outputs("out") == outputs("whole"))
    }

    /// From another folder, and with a relative path, the job is found again.
    @Test func mergingKnowsItsJob() throws {
        _ = try batch("in", "-o", "out", "--problem", "denoise", "--shard", "1/1")
        try folder.makeFolder("elsewhere")
        let ending = try Command.shell("cd elsewhere && $R batch --merge ../out", in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        try Command.fail(1, naming: ["in", "is not the output folder"], arguments: ["batch", "--merge", "in"], in: folder)
    }

    @Test func aManifestSaysHowEachImageIsRestored() throws {
        try folder.writePicture("mask.png", channels: 1)
        let rows = [
            "input,output,problem,missing,seed,noise,truth", "in/0.png,a/first.png,denoise,,,,in/0.png", "in/1.png,,inpaint,0.4,7,0.02,",
            "in/2.png,third.tif,denoise,,,,",
        ]
        try folder.file("list.csv", holding: Array(rows.joined(separator: "\n").utf8))
        _ = try batch("list.csv", "-o", "out")
        let second = try folder.json("out/1.png.json")
        let options = try #require(second["options"] as? [String: String])
        #expect(options["problem"] == "inpaint" && options["missing"] == "0.4" && options["seed"] == "7" && options["noise"] == "0.02")
        #expect(try folder.json("out/a/first.png.json")["psnr"] is Double)
        #expect(try folder.json("out/third.tif.json")["status"] as? String == "done")
        try Command.succeed(
            "restore", "in/1.png", "--output", "alone.png", "--problem", "inpaint", "--missing", "0.4", "--seed", "7", "--prior",
            "tiny.safetensors", "--noise", "0.02", "--max-evaluations", "4", in: folder)
        #expect(try folder.bytes("out/1.png") == folder.bytes("alone.png"))

        // JSON lines in another order have the same images.
        let lines = [
            #"{"input": "in/2.png", "output": "third.tif", "problem": "denoise"}"#,
            #"{"input": "in/1.png", "problem": "inpaint", "missing": 0.4, "seed": 7, "noise": 0.02}"#,
        ]
        try folder.file("list.jsonl", holding: Array(lines.joined(separator: "\n").utf8))
        _ = try batch("list.jsonl", "-o", "lines")
        for name in ["1.png", "third.tif"] { #expect(try folder.bytes("lines/" + name) == folder.bytes("out/" + name)) }
    }

    @Test(arguments: [
        ("input,problem\nin/0.png,nonsense\n", ["list.csv", "line 2", "nonsense"]), ("problem\ndenoise\n", ["line 2", "no input"]),
        ("input\nin/0.png\n", ["line 2", "--problem"]), ("input,problem,threads\nin/0.png,denoise,2\n", ["line 2", "threads"]),
        ("input,problem,colour\nin/0.png,denoise,2\n", ["line 2", "colour"]),
        ("input,problem,seed\nin/0.png,denoise,x\n", ["line 2", "seed"]),
        ("input,problem,output\nin/0.png,denoise,../x.png\n", ["../x.png", "lead out"]), ("input,problem\n", ["names no image"]),
        ("input,problem,missing\nin/0.png,denoise,0.5\n", ["line 2", "--missing"]),
    ])
    func aManifestThatIsWrongIsOneErrorWithItsLine(text: String, words: [String]) throws {
        try folder.file("list.csv", holding: Array(text.utf8))
        try Command.fail(1, naming: words, arguments: ["batch", "list.csv", "-o", "out"] + options, in: folder)
    }

    @Test(arguments: [
        (["in"], ["--output"]), (["-o", "out"], ["folder-or-manifest"]), (["in", "-o", "out"], ["--problem"]),
        (["in", "-o", "out", "--problem", "denoise", "--shard", "4/3"], ["--shard", "not there"]),
        (["in", "-o", "out", "--problem", "denoise", "--fail-fast", "--max-failures", "2"], ["--fail-fast"]),
        (["in", "-o", "out", "--problem", "denoise", "--seconds-per-image", "0"], ["--seconds-per-image"]),
        (["in/0.png", "-o", "out", "--problem", "denoise"], ["neither a folder nor a manifest"]), (["--merge", "out", "in"], ["--merge"]),
        (["in", "-o", "out", "--problem", "denoise", "--start", "in/0.png"], ["--start"]),
    ])
    func wrongUsageIsToldBeforeAnyWork(arguments: [String], words: [String]) throws {
        try Command.fail(64, naming: words, arguments: ["batch"] + arguments, in: folder)
        #expect(!FolderEntries.exists(folder.file("out")))
    }

    @Test func failuresAreListedAtTheEnd() throws {
        try folder.file("in/2.png", holding: Array("no picture".utf8))
        let ending = try batch("in", "-o", "out", "--problem", "denoise", status: 1)
        #expect(ending.errors.count == 1 && ending.errors[0].contains("in/2.png") && ending.errors[0].contains("1 of 5 images failed"))
        #expect(try folder.json("out/summary.json")["done"] as? Int == 4)
        // Still 1, without trying again; then again.
        #expect(try batch("in", "-o", "out", "--problem", "denoise", status: 1).messages.contains("1 have failed"))
        try folder.writePicture("in/2.png", phase: 2)
        _ = try batch("in", "-o", "out", "--problem", "denoise", "--retry-failed")
    }

    @Test func anotherFolderOfTheSameJobIsNeeded() throws {
        _ = try batch("in", "-o", "out", "--problem", "denoise")
        let other = try batch("in", "-o", "out", "--problem", "inpaint", "--missing", "0.3", status: 1)
        #expect(other.errors[0].contains("missing not given, not 0.3") && other.errors[0].contains("give another folder"))
        try folder.makeFolder("more")
        try folder.writePicture("more/0.png")
        #expect(try batch("more", "-o", "out", "--problem", "denoise", status: 1).errors[0].contains("holds the outputs of another job"))
        // A folder that has such files from elsewhere.
        try folder.makeFolder("elsewhere")
        try folder.writePicture("elsewhere/0.png")
        #expect(try batch("in", "-o", "elsewhere", "--problem", "denoise", status: 1).errors[0].contains("is there already"))
        #expect(try folder.contents("elsewhere") == ["0.png"])
        #expect(try batch("in", "-o", "in", "--problem", "denoise", status: 64).errors[0].contains("the folder of the measurements"))
    }

    @Test func aPlanSaysWhatWouldBeDone() throws {
        try folder.writePicture("in/large.png", height: 40, width: 60)
        let ending = try batch("in", "-o", "out", "--problem", "denoise", "--dry-run", "--shard", "1/2")
        #expect(ending.output.hasPrefix("6 images: 6 denoise\nshard 1: 1 images"))
        #expect(!FolderEntries.exists(folder.file("out")))
    }

    @Test func aSignalLeavesAFolderThatGoesOn() throws {
        try folder.makeFolder("large")
        for index in 0 ..< 3 { try folder.writePicture("large/\(index).png", height: 128, width: 128, phase: Float(index)) }
        for (signal, status) in [("TERM", 143), ("INT", 130), ("USR1", 138)] as [(String, Int32)] {
            let out = "out-\(signal)"
            let line = """
                $R batch large -o \(out) --problem denoise --prior faces64 --noise 0.05 --tolerance 0 --max-evaluations 4000 --threads 1 --checkpoint-seconds 0.1 & p=$!
                for i in $(seq 1200); do [ -n "$(ls \(out)/.reglow/checkpoints 2>/dev/null)" ] && break; sleep 0.05; done
                kill -\(signal) $p; wait $p
                """
            let ending = try Command.shell(line, in: folder)
            #expect(ending.status == status, "\(ending.messages)")
            #expect(ending.errors.count == 1 && ending.errors[0].contains("the same call again goes on"), "\(ending.messages)")
            #expect(try !folder.contents("\(out)/.reglow/checkpoints").isEmpty)
        }
    }

    /// Two calls at once: the second is refused, and nothing is lost.
    @Test func oneFolderHasOneCallAtATime() throws {
        try folder.makeFolder("large")
        try folder.writePicture("large/0.png", height: 128, width: 128)
        let line = """
            $R batch large -o out $O --tolerance 0 --prior faces64 --max-evaluations 4000 -q & p=$!
            for i in $(seq 600); do [ -e out/.reglow/job.json ] && break; sleep 0.05; done
            $R batch large -o out $O; status=$?; kill $p; wait $p; exit $status
            """
        let ending = try Command.shell(line, in: folder)
        #expect(ending.status == 1 && ending.messages.contains("another process works on it"), "\(ending.messages)")
    }
}
