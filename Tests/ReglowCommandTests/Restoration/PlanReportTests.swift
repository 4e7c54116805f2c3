import Foundation
import Reglow
import TestSupport
import Testing

/// What is known before the work, and how memory decides.
@Suite struct PlanReportTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("y.npy", height: 256, width: 320)
    }

    private func restore(_ arguments: String...) throws -> Command.Ending {
        try Command.run(
            [
                "restore", "y.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "4", "--json", "r.json",
                "--output", "x.npy",
            ]
                + arguments, in: folder)
    }

    private func plan() throws -> [String: Any] { try #require(try folder.json("r.json")["plan"] as? [String: Any]) }

    @Test func thePlanIsToldAndInTheReport() throws {
        let ending = try restore()
        #expect(ending.status == 0, "\(ending.messages)")
        let told = ending.messages.split(separator: "\n").filter { $0.contains("plan: y.npy") }
        #expect(told.count == 1 && told[0].contains("pixels") && told[0].contains("memory") && told[0].contains("about"))
        let plan = try plan()
        #expect(plan["pixels"] as? Int == 256 * 320)
        #expect(plan["windows"] as? Int == 0)
        #expect(try #require(plan["seconds_estimate"] as? Double) > 0)
    }

    /// A quiet call measures no speed for nobody, but its report has it; pictures of few pixels are measured in another way.
    @Test func theReportOfAQuietCallHasTheTime() throws {
        try folder.writePicture("y.npy", height: 16, width: 24)
        for options in [["--quiet"], ["--quiet", "--precision", "mixed"]] {
            let ending = try Command.run(
                ["restore", "y.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--json", "r.json", "--output", "x.npy"]
                    + options, in: folder)
            #expect(ending.status == 0 && ending.messages.isEmpty, "\(ending.messages)")
            #expect(try #require(try plan()["seconds_estimate"] as? Double) > 0)
        }
    }

    /// The height of the process is what was planned, within a fifth.
    @Test func thePlannedMemoryIsWhatIsTaken() throws {
        for (name, height, width) in [("small.npy", 400, 400), ("large.npy", 800, 800)] {
            try folder.writePicture(name, height: height, width: width)
            for problem in [["denoise"], ["superres"], ["deblur", "--border", "periodic"], ["inpaint", "--missing", "0.5"]] {
                let size = problem[0] == "superres" ? "small.npy" : name
                let ending = try Command.run(
                    [
                        "restore", size, "--prior", "tiny.safetensors", "--max-evaluations", "3", "--json", "r.json", "--output", "x.npy",
                        "--problem",
                    ]
                        + problem, in: folder)
                #expect(ending.status == 0, "\(ending.messages)")
                let planned = try #require(try plan()["memory_bytes"] as? Double)
                let taken = try #require(try folder.json("r.json")["peak_memory_bytes"] as? Double)
                #expect(taken / planned > 0.8 && taken / planned < 1.2, "\(name) \(problem): \(planned), \(taken)")
            }
        }
    }

    @Test func whatDoesNotFitIsDoneInWindows() throws {
        #expect(try restore().status == 0)
        let whole = try #require(try plan()["memory_bytes"] as? Int)
        let ending = try restore("--memory", "\(whole * 6 / 10)B", "--self-ensemble")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(ending.messages.contains("windows of up to"), "\(ending.messages)")
        let plan = try plan()
        #expect(try #require(plan["windows"] as? Int) > 1)
        #expect(try #require(plan["memory_bytes"] as? Int) <= whole * 6 / 10)
        let result = try #require((try folder.json("r.json")["results"] as? [[String: Any]])?.first)
        #expect(result["windows"] as? Int == plan["windows"] as? Int)
        #expect(try folder.image("x.npy").shape == ImageShape(channels: 3, height: 256, width: 320))
    }

    @Test func whatCannotBeDoneIsRefusedBeforeTheWork() throws {
        try folder.file("x.npy", holding: [7])
        let ending = try restore("--memory", "20MB")
        #expect(ending.status == 1)
        #expect(
            ending.errors.count == 1 && ending.errors[0].contains("y.npy: needs") && ending.errors[0].contains("20 MB"),
            "\(ending.messages)")
        #expect(try folder.bytes("x.npy") == [7])
    }

    /// As much address space as the picture alone takes leaves none for its solve: no crash, one clear line.
    @Test func aLimitOfTheAddressSpaceIsKept() throws {
        try folder.writePicture("big.npy", height: 1500, width: 2000)
        let script =
            "ulimit -v 700000; exec \"$0\" restore big.npy --problem denoise --prior tiny.safetensors --max-evaluations 2 --output x.npy --json r.json"
        let ending = try Command.run(
            ["-c", script, Command.executable.path], in: folder, executable: URL(fileURLWithPath: "/bin/sh"))
        if ending.status == 0 {
            #expect(try #require(try plan()["windows"] as? Int) > 1)
        } else {
            #expect(ending.status == 1 && ending.errors.count == 1 && ending.errors[0].contains("memory"), "\(ending.messages)")
        }
    }

    /// Not even the picture can be read.
    @Test func aPictureThatCannotBeReadForLackOfMemoryIsRefused() throws {
        try folder.writePicture("big.png", height: 3000, width: 4000)
        let script = "ulimit -v 350000; exec \"$0\" restore big.png --problem denoise --prior tiny.safetensors --output x.npy"
        let ending = try Command.run(
            ["-c", script, Command.executable.path], in: folder, executable: URL(fileURLWithPath: "/bin/sh"))
        #expect(ending.status == 1 && ending.errors.count == 1, "\(ending.messages)")
        #expect(ending.errors.first?.contains("big.png") == true && ending.errors[0].contains("memory"), "\(ending.messages)")
    }
}
